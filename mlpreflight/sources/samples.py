"""The samples on rule pages as environments."""

from mlpreflight.documents import DocumentError, from_text
from mlpreflight.environment import Environment
from mlpreflight.rules.page import Rule, Sample
from mlpreflight.sources import yaml
from mlpreflight.sources.assemble import assemble
from mlpreflight.sources.declared import Declared, Settings
from mlpreflight.values import Where


def environment_of(rule: Rule, sample: Sample) -> Environment:
    """The environment that a sample describes: a list of resources, or what may stand in an `env.yaml`.

    Unless it says otherwise it is judged under the first profile of its page, for all workloads, on the day when the
    page was reviewed. Raises DocumentError.
    """
    document = from_text(sample.text, f"{rule.file}:{sample.line}", yaml=True)
    page = Settings(profile=(rule.profiles or ("current",))[0], workloads=rule.workloads, as_of=rule.reviewed)
    if isinstance(document.value, list):
        declared = Declared(rule.id, page)
        yaml.add_listed(document.value, Where(document), document, None, page, declared)
    else:
        declared = Declared(rule.id, yaml.read_env(document).settings.over(page))
        yaml.add_resources(document, None, declared.settings, declared)
    if declared.unread:
        raise DocumentError(declared.unread[0].reason)
    return assemble(declared, rule.reviewed)
