"""Questions about load balancers and application gateways."""

from mlpreflight.environment import Environment
from mlpreflight.finding import Answer, failed, not_applicable, passed
from mlpreflight.resources.compute import VirtualMachine
from mlpreflight.resources.gateways import ApplicationGateway, Listener, LoadBalancer, Port
from mlpreflight.resources.several import first, some
from mlpreflight.values import NotEnoughEvidence, Text, Unknown


def balancer_leaves_port_closed(balancer: LoadBalancer, *, port: int) -> Answer:
    """Does the load balancer serve nothing on a port?"""
    found = first(balancer.rules, lambda rule: rule.frontend_port == port)
    if found is None:
        return passed(f"no rule serves port {port}", balancer.at("rules"))
    return failed(
        f"the rule {found.own_name} serves port {port}, and sends it to {found.backend_port}",
        found.at("frontend_port"),
        balancer=balancer.name,
        rule=found.own_name,
    )


def balancer_is_internal(balancer: LoadBalancer) -> Answer:
    """Are all frontends of the load balancer addresses of a virtual network?"""
    found = first(balancer.frontends, lambda frontend: frontend.public_address is not None)
    if found is None:
        return passed("no frontend has a public address", balancer.at("frontends"))
    return failed(
        f"the frontend {found.own_name} has a public address", found.at("public_address"), balancer=balancer.name
    )


def balancer_can_be_tried(balancer: LoadBalancer, env: Environment) -> Answer:
    """Is there a way to what an internal load balancer serves, where the company lets no port 80 into Azure?

    A gateway that serves HTTPS is one, a machine in the same virtual network or in one that is peered is another.
    """
    if some(balancer.frontends, lambda frontend: frontend.public_address is not None):
        return not_applicable("it has a public address", balancer.at("frontends"))
    gateways, doubt = env.all(ApplicationGateway)
    listeners = [(listener, gateway) for gateway in gateways for listener in gateway.listeners.sure]
    found = first(listeners, lambda pair: pair[0].protocol == "Https")
    if found is not None:
        return passed(f"the gateway {found[1].name} serves HTTPS", found[0].at("protocol"))
    network = balancer.network(env)
    if network is None:
        return not_applicable("it has no address in a virtual network", balancer.at("frontends"))
    machines, other_doubt = env.all(VirtualMachine)
    machine = first(machines, lambda one: some(one.places(env), lambda place: place[0].network.reaches(network)))
    if machine is not None:
        return passed(f"{machine.name} can be logged in to, beside it", machine.at("interfaces"))
    open_ = doubt or other_doubt
    if open_ or not env.complete:
        raise NotEnoughEvidence(
            open_
            or Unknown.because(
                f"no gateway that serves HTTPS, and no machine in or beside {network.name}, is among the inputs",
                f"a jumpbox beside {network.name}",
            )
        )
    return failed(
        f"nothing leads to it but port 80: no gateway serves HTTPS, and no machine stands in or beside {network.name}",
        balancer.at("frontends"),
        balancer=balancer.name,
        network=network.name,
    )


def balancer_sku_is_offered(balancer: LoadBalancer) -> Answer:
    """Is the load balancer of a SKU that Azure still offers?"""
    if balancer.sku == "Basic":
        return failed("its SKU is Basic", balancer.at("sku"), balancer=balancer.name)
    return passed(f"its SKU is {balancer.sku}", balancer.at("sku"))


def gateway_sku_is_offered(gateway: ApplicationGateway) -> Answer:
    """Is the gateway of a SKU that Azure still offers?"""
    for attribute, value in (("sku", gateway.sku), ("tier", gateway.tier)):
        if value != "":
            if value.known.lower().endswith("_v2") or value == "Basic":
                return passed(f"its SKU is {value}", gateway.at(attribute))
            return failed(f"its SKU is {value}", gateway.at(attribute), gateway=gateway.name)
    return not_applicable("it declares no SKU", gateway.at("sku"))


def gateway_serves_https(gateway: ApplicationGateway) -> Answer:
    """Does the gateway have a listener for HTTPS?"""
    listeners = gateway.listeners
    found = first(listeners, lambda listener: listener.protocol == "Https")
    if found is not None:
        return passed(f"the listener {found.own_name} serves HTTPS", found.at("protocol"))
    evidence = [listener.at("protocol") for listener in listeners] or [gateway.at("listeners")]
    named = ", ".join(listener.own_name.written for listener in listeners) or "none"
    return failed(f"no listener serves HTTPS (there is {named})", *evidence, gateway=gateway.name)


def gateway_uses_port(gateway: ApplicationGateway, *, port: int) -> Answer:
    """Does a listener use a port that the gateway declares?"""
    declared = first(gateway.ports, lambda one: one.port == port)
    if declared is None:
        return not_applicable(f"port {port} is not declared", gateway.at("ports"))
    found = first(gateway.listeners, lambda listener: _uses(listener, declared))
    if found is not None:
        return passed(f"the listener {found.own_name} uses port {port}", found.at("port"), declared.at("port"))
    return failed(f"port {port} is declared, and no listener uses it", declared.at("port"), gateway=gateway.name)


def gateway_redirects_http(gateway: ApplicationGateway) -> Answer:
    """Does plain HTTP lead nowhere but to HTTPS?"""
    rules = gateway.routing_rules
    plain = [listener for listener in gateway.listeners if listener.protocol == "Http"]
    open_ = first(plain, lambda one: not some(rules, lambda rule: rule.redirects and _is(rule.listener, one)))
    if open_ is None:
        return passed("no listener serves plain HTTP", gateway.at("listeners"))
    return failed(f"the listener {open_.own_name} serves plain HTTP", open_.at("protocol"), gateway=gateway.name)


def _uses(listener: Listener, port: Port) -> bool:
    """A listener names its port by id; the last step is its name."""
    return listener.port is not None and listener.port.split("/")[-1] == port.own_name


def _is(reference: Text | None, listener: Listener) -> bool:
    return reference is not None and reference.split("/")[-1] == listener.own_name
