"""Questions about virtual machines and scale sets."""

from mlpreflight.environment import Environment
from mlpreflight.finding import Answer, failed, not_applicable, passed
from mlpreflight.resources.attached import AttachedMachine
from mlpreflight.resources.compute import ScaleSet, VirtualMachine
from mlpreflight.resources.several import first
from mlpreflight.resources.storage import StorageAccount
from mlpreflight.values import Text, Unknown


def machine_disks_are_managed(machine: VirtualMachine) -> Answer:
    """Does the machine keep all its disks as managed disks?"""
    if machine.has_vhd:
        return failed("its OS disk is a blob in a storage account", machine.at("has_vhd"), machine=machine.name)
    found = first(machine.data_disks, lambda disk: disk.has_vhd)
    if found is not None:
        return failed("a data disk is a blob in a storage account", found.at("has_vhd"), machine=machine.name)
    return passed("its disks are managed", machine.at("os_disk"))


def scale_set_disks_are_managed(scale_set: ScaleSet) -> Answer:
    """Do the machines of the scale set keep their disks as managed disks?"""
    containers = scale_set.vhd_containers
    if containers.sure or bool(containers):
        return failed(
            f"its OS disks are blobs in {len(containers.sure)} storage containers",
            scale_set.at("vhd_containers"),
            scale_set=scale_set.name,
        )
    return passed("its disks are managed", scale_set.at("os_disk"))


def needs_no_storage_account(scale_set: ScaleSet, env: Environment) -> Answer:
    """Does a scale set with managed disks wait for no storage account any more?"""
    if scale_set.vhd_containers.sure or bool(scale_set.vhd_containers):
        return not_applicable("its disks are in storage accounts", scale_set.at("vhd_containers"))
    accounts, _ = env.all(StorageAccount)
    loops = [known.value for one in accounts if not isinstance(known := one.look("loop"), Unknown) and known.value]

    def is_storage(dependency: Text) -> bool:
        word = dependency.written.lower()
        if "microsoft." in word:
            return "microsoft.storage/storageaccounts" in word
        return dependency.known != "" and any(dependency == loop for loop in loops)

    found = first(scale_set.depends_on, is_storage)
    if found is not None:
        told = f"it waits for {found}, and has no disk there any more"
        return failed(told, scale_set.at("depends_on"), dependency=found)
    return passed("it waits for no storage account", scale_set.at("depends_on"))


def scale_set_upgrades_itself(scale_set: ScaleSet) -> Answer:
    """Do running machines get a new image when the scale set does?"""
    if scale_set.upgrade_mode == "Manual":
        return failed("its upgrade policy is Manual", scale_set.at("upgrade_mode"), scale_set=scale_set.name)
    return passed(f"its upgrade policy is {scale_set.upgrade_mode}", scale_set.at("upgrade_mode"))


def attached_machine_runs_ubuntu(attached: AttachedMachine, env: Environment) -> Answer:
    """Does an attached machine run Ubuntu?"""
    machine = attached.machine(env)
    offer: Text = machine.offer
    if offer == "":
        if machine.os_type is not None and machine.os_type == "Windows":
            return failed("it runs Windows", machine.at("os_type"), attached.view.at("attached"))
        return not_applicable("it names no image by which to tell", machine.at("offer"))
    if "ubuntu" in offer.known.lower():
        return passed(f"its image is {offer}", machine.at("offer"))
    return failed(f"its image is {offer}, no Ubuntu", machine.at("offer"), attached.view.at("attached"))
