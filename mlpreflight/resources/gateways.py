"""Load balancers and application gateways."""

from mlpreflight.environment import Environment
from mlpreflight.resources.attributes import many, number, present, reference, text
from mlpreflight.resources.view import View
from mlpreflight.resources.vnet import Subnet, VirtualNetwork


class Frontend(View, label="frontend"):
    public_address = reference("publicIPAddress.id")
    subnet = reference("subnet.id")


class BalancingRule(View, label="load balancing rule"):
    frontend_port = number("frontendPort")
    backend_port = number("backendPort")


class LoadBalancer(View, type="Microsoft.Network/loadBalancers", label="load balancer"):
    """A load balancer. Azure takes a missing SKU for Basic."""

    sku = text("/sku.name", absent="Basic")
    frontends = many("frontendIPConfigurations", kind=Frontend)
    rules = many("loadBalancingRules", kind=BalancingRule)

    def network(self, env: Environment) -> VirtualNetwork | None:
        """The virtual network that its first frontend stands in; None where no frontend has an address of one."""
        for frontend in self.frontends:
            subnet = env.find(frontend.subnet, Subnet) if frontend.subnet is not None else None
            if subnet is not None:
                return subnet.network
        return None


class Port(View, label="frontend port"):
    port = number("port")


class Listener(View, label="listener"):
    protocol = text("protocol", absent="")
    port = reference("frontendPort.id")
    certificate = reference("sslCertificate.id")


class RoutingRule(View, label="routing rule"):
    listener = reference("httpListener.id")
    redirects = present("redirectConfiguration")


class ApplicationGateway(View, type="Microsoft.Network/applicationGateways", label="application gateway"):
    """An Application Gateway: ports, and listeners that use them."""

    sku = text("sku.name", absent="")
    tier = text("sku.tier", absent="")
    frontends = many("frontendIPConfigurations", kind=Frontend)
    ports = many("frontendPorts", kind=Port)
    listeners = many("httpListeners", kind=Listener)
    routing_rules = many("requestRoutingRules", kind=RoutingRule)
