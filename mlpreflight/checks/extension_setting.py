"""Questions about each setting of the Azure ML extension."""

from collections.abc import Mapping
from typing import Any

from mlpreflight import data
from mlpreflight.finding import Answer, failed, not_applicable, passed
from mlpreflight.resources.extension import PLAIN, PROTECTED, ExtensionSetting, as_text
from mlpreflight.suggestions import nearest
from mlpreflight.values import NotEnoughEvidence


def is_known(setting: ExtensionSetting) -> Answer:
    """Is there such a setting, spelt like this?"""
    if setting.key in _settings() or _is_prefixed(setting.key):
        return passed("the extension reads it", setting.at())
    meant = _table()["wrong"].get(setting.key) or nearest(setting.key, _settings())
    if meant:
        return failed(
            f"nothing reads {setting.key}; {meant} is meant, and keeps its default until it is written so",
            setting.at(),
            wrong=setting.key,
            meant=meant,
            extension=setting.view.own_name,
        )
    raise NotEnoughEvidence.because(f"whether the extension reads {setting.key} is not documented", setting.key)


def is_allowed_value(setting: ExtensionSetting) -> Answer:
    """Is its value one that the extension understands?"""
    row = _settings().get(setting.key)
    if row is None or "values" not in row:
        return not_applicable("any value will do", setting.at())
    value = as_text(setting.node, setting.key)
    if any(value == word for word in row["values"]):
        return passed(f"{setting.key} may be {value}", setting.at())
    return failed(
        f"{setting.key} is {value}, not one of {', '.join(row['values'])}",
        setting.at(),
        key=setting.key,
        value=row["values"][0],
        extension=setting.view.own_name,
    )


def is_in_its_bag(setting: ExtensionSetting) -> Answer:
    """Does it stand among the plain settings or the protected ones, as it has to?"""
    row = _settings().get(setting.key, {})
    wanted = {"plain": PLAIN, "protected": PROTECTED}.get(row.get("bag", ""))
    is_secret = row.get("secret") or setting.key in _table()["secretKeys"]
    if is_secret and setting.bag == PLAIN:
        return failed("a secret stands among the plain settings, where everybody who may read sees it", setting.at())
    if wanted is not None and setting.bag != wanted:
        return failed(f"it stands in {setting.bag}, where nothing reads it, and belongs in {wanted}", setting.at())
    other = PROTECTED if setting.bag == PLAIN else PLAIN
    if setting.view.setting_node(other, setting.key) is not None:
        return failed("it stands in both bags", setting.at())
    return passed(f"it stands in {setting.bag}", setting.at())


def has_effect(setting: ExtensionSetting) -> Answer:
    """Does it serve a workload that is switched on?"""
    serves = _settings().get(setting.key, {}).get("serves")
    if serves is None:
        return not_applicable("it serves whatever is switched on", setting.at())
    switch = {"training": "enableTraining", "inference": "enableInference"}[serves]
    if setting.view.is_true(switch):
        return passed(f"{serves} is switched on", setting.at())
    return failed(
        f"it serves {serves}, which is not switched on", setting.at(), setting.view.at_setting(switch), key=setting.key
    )


def _table() -> Mapping[str, Any]:
    return data.table("extension_settings")


def _settings() -> Mapping[str, Any]:
    settings: Mapping[str, Any] = _table()["settings"]
    return settings


def _is_prefixed(key: str) -> bool:
    return any(key.startswith(prefix) and len(key) > len(prefix) for prefix in _table()["prefixes"])
