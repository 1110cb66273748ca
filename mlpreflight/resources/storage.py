"""Storage accounts."""

from mlpreflight.resources.attributes import flag, many, reference, text, words
from mlpreflight.resources.view import View


class SubnetRule(View, label="network rule", bare=True):
    """A rule that lets a subnet in. `state` is what Azure says of a live one."""

    subnet = reference("id", "virtualNetworkResourceId")
    action = text("action", absent="Allow")
    state = text("state", absent="Succeeded")


class AddressRule(View, label="address rule", bare=True):
    """A rule that lets public addresses in."""

    address = text("value", "ipAddressOrRange")


class InstanceRule(View, label="resource instance rule", bare=True):
    """A rule that lets one resource in, whatever network it is in."""

    resource_id = reference("resourceId")


class StorageAccount(View, type="Microsoft.Storage/storageAccounts", label="storage account"):
    """A storage account, and who may reach it.

    `az` prints the firewall under its older name networkRuleSet.
    """

    location = text("/location")
    kind = text("/kind")
    public_network_access = text("publicNetworkAccess", absent="Enabled")
    default_action = text("networkAcls.defaultAction", "networkRuleSet.defaultAction", absent="Allow")
    bypass = words("networkAcls.bypass", "networkRuleSet.bypass", absent=("AzureServices",))
    subnet_rules = many("networkAcls.virtualNetworkRules", "networkRuleSet.virtualNetworkRules", kind=SubnetRule)
    address_rules = many("networkAcls.ipRules", "networkRuleSet.ipRules", kind=AddressRule)
    instance_rules = many("networkAcls.resourceAccessRules", "networkRuleSet.resourceAccessRules", kind=InstanceRule)
    is_hierarchical = flag("isHnsEnabled")
