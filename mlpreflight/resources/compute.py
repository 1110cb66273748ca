"""Virtual machines and scale sets, and the autoscaling that changes how many there are."""

from collections.abc import Iterator

from mlpreflight.environment import Environment
from mlpreflight.resources.attributes import flag, many, number, prefixes, present, reference, text, words
from mlpreflight.resources.several import some
from mlpreflight.resources.view import View
from mlpreflight.resources.vnet import NetworkInterface, Subnet
from mlpreflight.values import NotEnoughEvidence


class DataDisk(View, label="data disk", bare=True):
    has_vhd = present("vhd")


class PoolReference(View, label="backend pool", bare=True):
    pool = reference("id")


class InterfaceConfiguration(View, label="interface configuration"):
    subnet = reference("subnet.id")
    balancer_pools = many("loadBalancerBackendAddressPools", kind=PoolReference)


class ScaleSetInterface(View, label="network interface of a scale set"):
    security_group = reference("networkSecurityGroup.id")
    configurations = many("ipConfigurations", kind=InterfaceConfiguration)


class InterfaceReference(View, label="network interface", bare=True):
    interface = reference("id")


class VirtualMachine(View, type="Microsoft.Compute/virtualMachines", label="virtual machine"):
    """A virtual machine and its disks."""

    location = text("/location")
    publisher = text("storageProfile.imageReference.publisher", absent="")
    offer = text("storageProfile.imageReference.offer", absent="")
    os_disk = present("storageProfile.osDisk")
    has_vhd = present("storageProfile.osDisk.vhd")
    data_disks = many("storageProfile.dataDisks", kind=DataDisk)
    os_type = text("storageProfile.osDisk.osType")
    interfaces = many("networkProfile.networkInterfaces", kind=InterfaceReference)

    def places(self, env: Environment) -> Iterator[tuple[Subnet, NetworkInterface]]:
        """The subnets that it stands in, each with the interface that it has there.

        Raises NotEnoughEvidence where one is not among the inputs.
        """
        for one in self.interfaces:
            interface = env.find(one.interface, NetworkInterface) if one.interface is not None else None
            if interface is None:
                raise NotEnoughEvidence.because(
                    f"an interface of {self.name} does not exist", f"interfaces of {self.name}"
                )
            for configuration in interface.ip_configurations:
                subnet = env.find(configuration.subnet, Subnet) if configuration.subnet is not None else None
                if subnet is not None:
                    yield subnet, interface


class ScaleSet(View, type="Microsoft.Compute/virtualMachineScaleSets", label="scale set"):
    """A scale set and its disks."""

    location = text("/location")
    capacity = number("/sku.capacity")
    publisher = text("virtualMachineProfile.storageProfile.imageReference.publisher", absent="")
    vhd_containers = words("virtualMachineProfile.storageProfile.osDisk.vhdContainers")
    os_disk = present("virtualMachineProfile.storageProfile.osDisk")
    interfaces = many(
        "virtualMachineProfile.networkProfile.networkInterfaceConfigurations",
        kind=ScaleSetInterface,
    )
    upgrade_mode = text("upgradePolicy.mode", absent="Manual")
    depends_on = prefixes("/dependsOn")

    @property
    def is_balanced(self) -> bool:
        """Does a load balancer share its work out to the machines?"""
        interfaces = self.interfaces
        return some(interfaces, lambda one: some(one.configurations, lambda inner: bool(inner.balancer_pools)))


class ScalingProfile(View, label="autoscale profile", bare=True):
    maximum = number("capacity.maximum")


class Autoscale(View, type="Microsoft.Insights/autoscaleSettings", label="autoscale setting"):
    """Autoscaling of a scale set."""

    target = reference("targetResourceUri")
    profiles = many("profiles", kind=ScalingProfile)
    is_enabled = flag("enabled", absent=True)
