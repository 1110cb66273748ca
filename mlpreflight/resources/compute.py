"""Virtual machines and scale sets, and the autoscaling that changes how many there are."""

from mlpreflight.resources.attributes import flag, many, number, prefixes, present, reference, text, words
from mlpreflight.resources.view import View


class DataDisk(View, label="data disk", bare=True):
    has_vhd = present("vhd")


class InterfaceConfiguration(View, label="interface configuration"):
    subnet = reference("subnet.id")


class ScaleSetInterface(View, label="network interface of a scale set"):
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


class ScalingProfile(View, label="autoscale profile", bare=True):
    maximum = number("capacity.maximum")


class Autoscale(View, type="Microsoft.Insights/autoscaleSettings", label="autoscale setting"):
    """Autoscaling of a scale set."""

    target = reference("targetResourceUri")
    profiles = many("profiles", kind=ScalingProfile)
    is_enabled = flag("enabled", absent=True)
