"""Load balancers and application gateways."""

from mlpreflight.environment import Environment
from mlpreflight.resources.attributes import many, number, present, reference, text
from mlpreflight.resources.several import some
from mlpreflight.resources.view import View
from mlpreflight.resources.vnet import Subnet, VirtualNetwork
from mlpreflight.values import NotEnoughEvidence


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


class GatewayConfiguration(View, label="gateway IP configuration"):
    subnet = reference("subnet.id")


class ApplicationGateway(View, type="Microsoft.Network/applicationGateways", label="application gateway"):
    """An Application Gateway: where it stands, its ports, and listeners that use them."""

    sku = text("sku.name", absent="")
    tier = text("sku.tier", absent="")
    capacity = number("sku.capacity", absent=0)
    most_instances = number("autoscaleConfiguration.maxCapacity", absent=0)
    configurations = many("gatewayIPConfigurations", kind=GatewayConfiguration)
    isolation_mark = text("/tags.EnhancedNetworkControl", absent="")
    frontends = many("frontendIPConfigurations", kind=Frontend)
    ports = many("frontendPorts", kind=Port)
    listeners = many("httpListeners", kind=Listener)
    routing_rules = many("requestRoutingRules", kind=RoutingRule)

    @property
    def is_v2(self) -> bool:
        """Is it of the second generation? Raises NotEnoughEvidence where it declares no SKU."""
        for value in (self.sku, self.tier):
            if value != "":
                return value.known.lower().endswith("_v2") or value == "Basic"
        raise NotEnoughEvidence.because(f"{self.name} declares no SKU", f"the SKU of {self.name}")

    @property
    def is_isolated(self) -> bool:
        """Can the network be seen to hold all its traffic, so that Azure manages it on a way of its own?

        That is a feature of the subscription. A gateway without a public address exists by it only, and Azure marks
        others that have it with a tag.
        """
        if self.isolation_mark == "True":
            return True
        if not self.frontends:
            raise NotEnoughEvidence.because(f"{self.name} declares no frontend", f"the frontends of {self.name}")
        return not some(self.frontends, lambda one: one.public_address is not None)
