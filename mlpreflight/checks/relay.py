"""Questions about the Azure Relay of one's own, over which Azure ML speaks with a cluster of Azure Arc."""

from mlpreflight.environment import Environment
from mlpreflight.finding import Answer, failed, not_applicable, passed
from mlpreflight.resources.aks import ManagedCluster
from mlpreflight.resources.extension import MachineLearningExtension
from mlpreflight.resources.relay import RelayNamespace, RelayRules, namespace_of, rules_of
from mlpreflight.resources.several import first
from mlpreflight.resources.zone_needs import type_of
from mlpreflight.values import NotEnoughEvidence, Text

_SETTING = "relayserver.hybridConnectionResourceID"


def lets_all_networks_in(extension: MachineLearningExtension, env: Environment) -> Answer:
    """Is a Relay namespace of one's own free of rules that let in selected networks only?"""
    connection = extension.setting(_SETTING)
    place = extension.at_setting(_SETTING)
    if connection is None:
        return not_applicable("the extension makes a Relay of its own", place)
    kind = type_of(extension.cluster) if extension.cluster is not None else None
    if kind is not None and kind.lower() == ManagedCluster.type.lower():
        return not_applicable("an AKS cluster needs no Relay", place)
    if kind is None:
        raise NotEnoughEvidence.because("it is not known which cluster the extension is on", "its scope")
    namespace = env.find(namespace_of(connection), RelayNamespace)
    if namespace is None:
        return not_applicable("the Relay namespace does not exist", place)
    rules = rules_of(namespace, env)
    narrow = first(rules, _lets_selected_in)
    if narrow is not None:
        return failed(
            f"{namespace.name} lets in only the addresses of its rules",
            narrow.at("address_rules"),
            narrow.at("default_action"),
            place,
            namespace=namespace.name,
        )
    if not rules.sure and not env.complete:
        told = f"the network rules of {namespace.name} are not among the inputs"
        raise NotEnoughEvidence.because(told, f"networkRuleSets of {namespace.name}")
    _is_open(namespace.public_network_access)
    return passed("every network is let in", (rules.sure[0] if rules.sure else namespace).at(), place)


def _lets_selected_in(rules: RelayRules) -> bool:
    """Are only some networks let in? Raises NotEnoughEvidence where it is not documented what Azure ML makes of it."""
    action = rules.default_action
    if action is not None and action == "Allow":
        _is_open(rules.public_network_access)
        return False
    if action is None or action != "Deny":
        raise NotEnoughEvidence.because("what is let in by default is not written", "defaultAction")
    _is_open(rules.public_network_access)
    if not rules.address_rules:
        told = "whether Azure ML works with a Relay that only private endpoints lead to is not documented"
        raise NotEnoughEvidence.because(told, told)
    if rules.trusts_services:
        told = "whether Azure ML is among the services that a Relay trusts is not documented"
        raise NotEnoughEvidence.because(told, told)
    return True


def _is_open(access: Text) -> None:
    """Raises NotEnoughEvidence where the public way is shut, for then private endpoints decide."""
    if access != "Enabled":
        told = f"whether Azure ML works with a Relay whose publicNetworkAccess is {access} is not documented"
        raise NotEnoughEvidence.because(told, told)
