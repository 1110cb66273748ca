"""Questions about service endpoint policies on the subnets of computes: do they let through what the nodes need?"""

from mlpreflight.environment import Environment
from mlpreflight.finding import Answer, failed, not_applicable, passed
from mlpreflight.resources.endpoint_policies import (
    ALL_ALIASES,
    MACHINE_LEARNING,
    Admitted,
    FilteredSubnet,
    admitted,
    covers,
)
from mlpreflight.resources.machine_learning import Workspace
from mlpreflight.resources.needed_endpoints import leading_to
from mlpreflight.resources.several import first, some
from mlpreflight.resources.storage import StorageAccount
from mlpreflight.resources.subjects import ComputeSubnet
from mlpreflight.resources.zone_needs import last
from mlpreflight.values import NotEnoughEvidence

_GROUPS = ("blob", "file")


def has_endpoint_to_filter(nodes: ComputeSubnet) -> Answer:
    """Has a subnet with service endpoint policies the service endpoint that they filter?"""
    subnet = FilteredSubnet.of(nodes.subnet)
    if not subnet.policies:
        return not_applicable("it has no service endpoint policy", subnet.at("policies"))
    if subnet.has_storage_endpoint:
        return passed("it has the service endpoint for storage", subnet.at("service_endpoints"))
    return failed(
        "it has service endpoint policies, and no service endpoint for storage that they could filter",
        subnet.at("service_endpoints"),
        subnet.at("policies"),
        vnet=nodes.subnet.network.name,
        subnet=nodes.subnet.own_name,
    )


def lets_azureml_storage_through(nodes: ComputeSubnet, env: Environment) -> Answer:
    """Do the service endpoint policies of a subnet let Azure ML's own storage through?"""
    subnet = FilteredSubnet.of(nodes.subnet)
    if not subnet.policies:
        return not_applicable("it has no service endpoint policy", subnet.at("policies"))
    found = first(admitted(subnet, env), _names_azureml)
    if found is not None:
        return passed(f"they let {MACHINE_LEARNING} through", found.place)
    if not subnet.has_storage_endpoint:
        return not_applicable("it has no service endpoint for storage", subnet.at("service_endpoints"))
    account = _any_account(subnet, env)
    return failed(
        f"its service endpoint policies let {last(account.target)} through, and not {MACHINE_LEARNING}",
        account.place,
        subnet.at("policies"),
        nodes.at_reference(),
        subnet=nodes.subnet.own_name,
    )


def lets_workspace_storage_through(nodes: ComputeSubnet, env: Environment) -> Answer:
    """Do the service endpoint policies of a subnet let the workspace's storage account through?"""
    subnet = FilteredSubnet.of(nodes.subnet)
    if not subnet.policies:
        return not_applicable("it has no service endpoint policy", subnet.at("policies"))
    workspace = _workspace(nodes, env)
    account = workspace.storage_account
    if account is None:
        told = f"{workspace.name} names no storage account"
        raise NotEnoughEvidence.because(told, f"the storage account of {workspace.name}")
    found = first(admitted(subnet, env), lambda one: not one.is_alias and covers(one.target, account))
    if found is not None:
        return passed(f"they let {last(account)} through", found.place, workspace.at("storage_account"))
    if not subnet.has_storage_endpoint:
        return not_applicable("it has no service endpoint for storage", subnet.at("service_endpoints"))
    leading = [leading_to(account, group, env) for group in _GROUPS]
    if all(one.sure for one in leading):
        return not_applicable("private endpoints lead to the account, past the policies", leading[0].sure[0].at())
    other = _any_account(subnet, env)
    thing = env.find(account, StorageAccount)
    if thing is None:
        return not_applicable(f"{last(account)} does not exist", workspace.at("storage_account"))
    region = nodes.subnet.network.location
    if thing.location is None or region is None or thing.location != region:
        told = f"policies filter storage of the subnet's region, and {last(account)} may be in another"
        raise NotEnoughEvidence.because(told, f"the locations of {last(account)} and {nodes.subnet.network.name}")
    for group, one in zip(_GROUPS, leading, strict=True):
        if not one.sure and one.doubt:
            raise NotEnoughEvidence(one.doubt)
        if not one.sure and not env.complete:
            raise one.elsewhere(account, group)
    left = " and ".join(group for group, one in zip(_GROUPS, leading, strict=True) if not one.sure)
    return failed(
        f"its service endpoint policies let {last(other.target)} through, and not {last(account)}, "
        f"which has no private endpoint for {left}",
        other.place,
        workspace.at("storage_account"),
        nodes.at_reference(),
        account=account,
        subnet=nodes.subnet.own_name,
    )


def _names_azureml(one: Admitted) -> bool:
    """Does it let Azure ML's own storage through? Raises where Azure's documentation leaves that open."""
    if one.target == ALL_ALIASES:
        told = f"whether {ALL_ALIASES} stands for Azure ML too is not documented"
        raise NotEnoughEvidence.because(told, told)
    if one.target != MACHINE_LEARNING:
        return False
    if one.service is None or one.service != "Global":
        told = f"{MACHINE_LEARNING} stands in a definition that is not for the service Global"
        raise NotEnoughEvidence.because(told, told)
    return True


def _any_account(subnet: FilteredSubnet, env: Environment) -> Admitted:
    """An account that the policies name; raises where none does, for then it is not documented what they filter."""
    if env.cloud != "AzureCloud":
        told = f"service endpoint policies are not documented for {env.cloud}"
        raise NotEnoughEvidence.because(told, told)
    found = first(admitted(subnet, env), lambda one: not one.is_alias)
    if found is None:
        told = "what a service endpoint policy filters that names no storage account is not documented"
        raise NotEnoughEvidence.because(told, told)
    return found


def _workspace(nodes: ComputeSubnet, env: Environment) -> Workspace:
    """The workspace of the nodes; the only one where no compute says so."""
    if nodes.compute is not None:
        found = env.find(nodes.compute.workspace_id, Workspace)
        if found is not None:
            return found
    workspaces, doubt = env.all(Workspace)
    if len(workspaces) == 1 and not doubt and not some(workspaces, lambda one: one.doubt is not None):
        return workspaces[0]
    raise NotEnoughEvidence.because(f"whose nodes stand in {nodes.name} is not known", "the workspace of the computes")
