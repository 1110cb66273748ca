"""Azure Relay, over which Azure ML speaks with clusters that Azure Arc connects."""

from mlpreflight.environment import Environment
from mlpreflight.resources.attributes import flag, many, text
from mlpreflight.resources.machine_learning import before
from mlpreflight.resources.several import Several
from mlpreflight.resources.view import View
from mlpreflight.text import compare
from mlpreflight.values import NotEnoughEvidence, Text, Unknown


class RelayNamespace(View, type="Microsoft.Relay/namespaces", label="Relay namespace"):
    public_network_access = text("publicNetworkAccess", absent="Enabled")


class AddressRule(View, label="address rule", bare=True):
    mask = text("ipMask")


class RelayRules(View, type="Microsoft.Relay/namespaces/networkRuleSets", label="network rules of a Relay namespace"):
    """Which networks a Relay namespace lets in; there is one set of rules to a namespace."""

    default_action = text("defaultAction")
    public_network_access = text("publicNetworkAccess", absent="Enabled")
    trusts_services = flag("trustedServiceAccessEnabled")
    address_rules = many("ipRules", kind=AddressRule)


def rules_of(namespace: RelayNamespace, env: Environment) -> Several[RelayRules]:
    """The network rules of a namespace that are among the inputs."""
    sure: list[RelayRules] = []
    found, doubt = env.all(RelayRules)
    for rules in found:
        same = compare(before(rules.id, "/networkRuleSets/"), namespace.id)
        if same and not rules.doubt:
            sure.append(rules)
        elif same is not False:
            doubt = doubt or rules.doubt or (rules.id.holes or namespace.id.holes)[0]
    return Several(tuple(sure), (), None, doubt)


def namespace_of(connection: Text) -> Text:
    """The id of the namespace of a hybrid connection; raises NotEnoughEvidence where it cannot be read."""
    steps = connection.split("/")
    if len(steps) < 3 or steps[-2].holes or steps[-2] != "hybridConnections":
        holes = connection.holes
        unknown = holes[0] if holes else Unknown.because(f"{connection} is no hybrid connection", "its Relay namespace")
        raise NotEnoughEvidence(unknown)
    whole = steps[0]
    for step in steps[1:-2]:
        whole = whole + "/" + step
    return whole
