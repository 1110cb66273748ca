"""Azure DNS Private Resolver: endpoints that answer as their network would, and rulesets that send questions elsewhere.

https://learn.microsoft.com/azure/dns/private-resolver-endpoints-rulesets
"""

from typing import NamedTuple

from mlpreflight.environment import Environment
from mlpreflight.resources.attributes import many, reference, text
from mlpreflight.resources.several import some
from mlpreflight.resources.view import View
from mlpreflight.resources.vnet import Subnet, VirtualNetwork
from mlpreflight.values import NotEnoughEvidence, Text

ALIAS, VAULTS = "privatelink.", ("vaultcore.", "vault.")
"""What Azure puts before a public zone for its private one; that of vaults has another name besides."""


class InboundAddress(View, label="address of an inbound endpoint", bare=True):
    address = text("privateIpAddress")
    subnet = reference("subnet.id")


class InboundEndpoint(View, type="Microsoft.Network/dnsResolvers/inboundEndpoints", label="inbound endpoint"):
    """An address of a private resolver. What is asked there is answered from the zones linked to its network."""

    places = many("ipConfigurations", kind=InboundAddress)


class TargetServer(View, label="target DNS server", bare=True):
    address = text("ipAddress")


class ForwardingRule(
    View,
    type="Microsoft.Network/dnsForwardingRulesets/forwardingRules",
    label="forwarding rule",
    collection="forwardingRules",
):
    domain = text("domainName")
    state = text("forwardingRuleState", absent="Enabled")
    targets = many("targetDnsServers", kind=TargetServer)


class RulesetLink(
    View,
    type="Microsoft.Network/dnsForwardingRulesets/virtualNetworkLinks",
    label="link of a ruleset",
    collection="virtualNetworkLinks",
):
    network = reference("virtualNetwork.id")


class ForwardingRuleset(View, type="Microsoft.Network/dnsForwardingRulesets", label="DNS forwarding ruleset"):
    """Rules by which Azure's resolver sends questions of linked networks on, where no private zone holds the name."""

    rules = many("forwardingRules", kind=ForwardingRule)
    links = many("virtualNetworkLinks", kind=RulesetLink)


class Sent(NamedTuple):
    """Where the questions of a network about a zone are sent: the rule, and the network that answers."""

    rule: ForwardingRule
    home: VirtualNetwork


def home_of_inbound(server: Text, env: Environment) -> VirtualNetwork | None:
    """The network of the inbound endpoint with an address, or that an expression asks for its address."""
    for endpoint in env.all(InboundEndpoint)[0]:
        for place in endpoint.places:
            own = place.address
            asked = any(endpoint.id.written.lower() in hole.key.lower() for hole in server.holes)
            if asked or (own is not None and not own.holes and not server.holes and own == server):
                subnet = env.find(place.subnet, Subnet) if place.subnet is not None else None
                return subnet.network if subnet is not None else None
    return None


def sent_on(zone: str, network: VirtualNetwork, env: Environment) -> list[Sent]:
    """Where a ruleset sends what a network asks about the public names behind a private zone; empty where none does.

    Raises NotEnoughEvidence where that is not certain, or where nothing is known of who is asked.
    """
    public = zone.lower().removeprefix(ALIAS).replace(*VAULTS)
    found: list[tuple[int, ForwardingRuleset, ForwardingRule]] = []
    for ruleset in env.all(ForwardingRuleset)[0]:
        if not some(ruleset.links, lambda link: link.network is not None and link.network == network.id):
            continue
        if ruleset.doubt:
            raise NotEnoughEvidence(ruleset.doubt)
        found += [(size, ruleset, rule) for rule in ruleset.rules if (size := _shared(rule, public)) is not None]
    if not found:
        return []
    _, ruleset, rule = max(found, key=lambda one: one[0])
    homes = [(target.address, target.address and home_of_inbound(target.address, env)) for target in rule.targets]
    unknown = next((address for address, home in homes if home is None), None)
    if unknown is not None or not homes:
        told = f"{ruleset.name} sends {rule.domain} to {unknown or 'nobody'}, of which nothing is known"
        raise NotEnoughEvidence.because(told, f"what {unknown or ruleset.name} answers")
    sent = [Sent(rule, home) for _, home in homes if isinstance(home, VirtualNetwork)]
    if any(one.home.node is network.node for one in sent):
        told = f"{ruleset.name} sends {rule.domain} from {network.name} back to it, which may go round for ever"
        raise NotEnoughEvidence.because(told, f"whether {ruleset.name} is linked to {network.name}")
    return sent


def _shared(rule: ForwardingRule, public: str) -> int | None:
    """How much of a zone a rule names; None where it is for other names."""
    if rule.state == "Disabled" or rule.domain is None:
        return None
    named = rule.domain.known.strip(".").lower()
    if not named or public == named or public.endswith("." + named):
        return len(named)
    if named.endswith("." + public):
        told = f"{rule.own_name} is for {named} only, a part of {public} or an alias behind it"
        raise NotEnoughEvidence.because(told, f"how {public} is looked up")
    return None
