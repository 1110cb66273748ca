"""Questions about routes of one's own: what they cut off, what they send round, and how many there are."""

from mlpreflight import data
from mlpreflight.environment import Environment
from mlpreflight.finding import Answer, failed, not_applicable, passed
from mlpreflight.network import addresses, tags
from mlpreflight.resources import firewalls
from mlpreflight.resources.aks import AgentPool
from mlpreflight.resources.clusters import MlCluster
from mlpreflight.resources.extension import MachineLearningExtension
from mlpreflight.resources.networks import Route, RouteTable
from mlpreflight.resources.several import first
from mlpreflight.resources.subjects import ComputeSubnet
from mlpreflight.resources.vnet import Subnet
from mlpreflight.resources.ways_out import INTERNET, NOWHERE, exit_of, table_of, tunnel
from mlpreflight.values import NotEnoughEvidence, Unknown

INTERNAL = "internalLoadBalancerProvider=azure"


def keeps_way_back_for(
    nodes: ComputeSubnet, env: Environment, *, tag: str, wholly: bool = False, only_with_public_ip: bool = False
) -> Answer:
    """Where everything is sent through an appliance, do answers to a service still go straight to the Internet?

    `wholly`: to all regions of the service, not to one of them.
    """
    if only_with_public_ip:
        if nodes.compute is None:
            told = "no compute among the inputs says whether its nodes have public addresses"
            raise NotEnoughEvidence.because(told, f"the computes in {nodes.name}")
        if not nodes.compute.has_public_ip:
            return not_applicable("its nodes have no public address", nodes.compute.at("has_public_ip"))
    subnet = nodes.subnet
    table = table_of(subnet, env)
    if table is None:
        return passed("the subnet has no routes of its own", subnet.at("route_table"))
    default = tunnel(table)
    if default is None:
        return not_applicable("nothing is tunnelled", table.at("routes"))
    straight = first(table.routes, lambda one: one.next_hop == INTERNET and _leads_to(one, tag, wholly))
    if straight is not None:
        return passed(f"{tag} has a route to the Internet", straight.at("prefix"), default.at("next_hop"))
    return failed(
        f"everything goes to {default.next_hop}, and no route leads straight to {tag}",
        default.at("next_hop"),
        subnet.at("route_table"),
        route_table=table.name,
        tag=tag,
    )


def sends_nothing_round(nodes: ComputeSubnet, env: Environment) -> Answer:
    """Do connections of the nodes that no route of their own takes go straight to the Internet?"""
    subnet = nodes.subnet
    table = table_of(subnet, env)
    default = tunnel(table) if table is not None else None
    if default is None:
        way = exit_of(subnet, env)  # raises where a gateway may bring a default route
        return passed("no route sends everything elsewhere", *way.evidence)
    assert table is not None
    return failed(
        f"{table.name} sends everything to {default.next_hop}: {_what_follows(default, env)}",
        default.at("next_hop"),
        subnet.at("route_table"),
        cause=f"default route of {table.name}",
        route_table=table.name,
        subnet=subnet.own_name,
    )


def _what_follows(default: Route, env: Environment) -> str:
    firewall = firewalls.behind(default, env)
    if firewall is not None:
        return f"{firewall.own_name} decides what the nodes reach"
    if default.next_hop == NOWHERE:
        return "the nodes reach only what another route or a service endpoint leads to"
    if default.next_hop == "VirtualAppliance":
        return f"the appliance at {default.next_hop_address or 'no address'} decides what the nodes reach"
    return "what stands beyond the gateway decides what the nodes reach"


def scoring_answers_go_back_as_calls_came(cluster: MlCluster, env: Environment) -> Answer:
    """Do the answers of a public scoring endpoint leave the cluster on the way that the calls came in?"""
    view = cluster.view
    if view.outbound_type != "userDefinedRouting":
        return not_applicable("it does not route its own way out", view.at("outbound_type"))
    extension = cluster.extension(env)
    if extension is None:
        return not_applicable("no Azure ML extension is declared on it", view.at())
    if not extension.is_true("enableInference"):
        return not_applicable("inference is not switched on", extension.at_setting("enableInference"))
    kind = extension.setting("inferenceRouterServiceType")
    if kind is None or kind != "loadBalancer":
        return not_applicable("its router has no load balancer", extension.at_setting("inferenceRouterServiceType"))
    if (key := _internal(extension)) is not None:
        return passed("its load balancer is internal", extension.at_setting(key))
    lost = first(view.pools, lambda pool: _loses_answers(pool, env))
    if lost is None:
        return passed("no default route leads its answers elsewhere", view.at("outbound_type"))
    subnet = _subnet_of(lost, env)
    table = table_of(subnet, env) if subnet is not None else None
    default = tunnel(table) if table is not None else None
    assert table is not None
    assert default is not None
    return failed(
        f"calls come in over a public load balancer, and {table.name} sends the answers to {default.next_hop}",
        default.at("next_hop"),
        extension.at_setting("internalLoadBalancerProvider"),
        view.at("outbound_type"),
        route_table=table.name,
        cluster=view.own_name,
    )


def leaves_platform_address_alone(table: RouteTable) -> Answer:
    """Does the table leave the platform's own address alone?"""
    platform = str(data.table("addresses")["platform"])
    words = (platform, f"{platform}/32")
    found = first(
        table.routes, lambda one: one.prefix is not None and any(one.prefix.strip() == word for word in words)
    )
    if found is None:
        return passed(f"no route is for {platform}", table.at("routes"))
    return failed(
        f"the route {found.own_name} is for {platform}, which no route moves",
        found.at("prefix"),
        route_table=table.name,
        route=found.own_name,
    )


def has_no_more_routes_than_azure_takes(table: RouteTable) -> Answer:
    """Does the table have no more routes than Azure takes, and no more of them for service tags?"""
    limits = data.table("routes")["limits"]
    routes = table.routes
    most, most_tags = int(limits["routes"]), int(limits["tagRoutes"])
    if len(routes.sure) > most:
        return failed(f"it has {len(routes.sure)} routes, Azure takes {most}", table.at("routes"))
    kinds = [_is_for_tag(one) for one in routes.sure]
    if kinds.count(True) > most_tags:
        told = f"{kinds.count(True)} of its routes are for service tags, Azure takes {most_tags}"
        return failed(told, table.at("routes"))
    total = len(routes)  # raises where the list may hold others
    if kinds.count(True) + kinds.count(None) > most_tags:
        raise NotEnoughEvidence.because(
            "how many routes are for service tags depends on prefixes that are not known", "the prefixes of the routes"
        )
    return passed(f"it has {total} {'route' if total == 1 else 'routes'}", table.at("routes"))


def _leads_to(route: Route, tag: str, wholly: bool) -> bool:
    """Is the route for a service? Raises NotEnoughEvidence where only the addresses of its tag could tell."""
    if route.prefix is None:
        return False
    written = route.prefix.known.strip()
    held = tags.holds(written, tag)
    if held is tags.Holds.ALL or (held is tags.Holds.SOME and not wholly):
        return True
    if held is tags.Holds.NONE:
        return False
    if held is tags.Holds.SOME:
        told = f"{written} holds one region of {tag}; the workspace's paired region needs a route too"
        raise NotEnoughEvidence.because(told, f"the regions of the routes to {tag}")
    raise NotEnoughEvidence.because(
        f"whether the routes to the Internet hold all addresses of {tag} cannot be told without the list of service "
        "tags",
        "the list of service tags",
    )


def _internal(extension: MachineLearningExtension) -> str | None:
    """The setting that asks for an internal load balancer, as people write it or as the extension reads it."""
    friendly, _, wanted = INTERNAL.partition("=")
    value = extension.setting(friendly)
    if value is not None and value == wanted:
        return friendly
    derived = str(data.table("extension_settings")["translated"][INTERNAL]["key"])
    written = extension.setting(derived)
    return derived if written is not None and written != "false" else None


def _subnet_of(pool: AgentPool, env: Environment) -> Subnet | None:
    return env.find(pool.subnet, Subnet) if pool.subnet is not None else None


def _loses_answers(pool: AgentPool, env: Environment) -> bool:
    """Do the nodes of a pool send what they answer to somebody else than who called?"""
    subnet = _subnet_of(pool, env)
    table = table_of(subnet, env) if subnet is not None else None
    if table is None or tunnel(table) is None:
        return False
    firewall = first(table.routes, lambda one: one.next_hop == INTERNET and not _is_for_tag(one))
    if firewall is None:
        return True
    # A firewall that calls come through needs just such a route, to its own public address.
    raise NotEnoughEvidence.because(
        f"whether {firewall.prefix} is the public address of the firewall that calls come through is not known",
        f"the public address of the firewall before {pool.own_name}",
    )


def _is_for_tag(route: Route) -> bool | None:
    """Is the route for a service tag? None where its prefix is not known."""
    known = route.look("prefix")
    if isinstance(known, Unknown) or known.value is None or known.value.holes:
        return None
    return addresses.prefix(known.value.known.strip()) is None
