"""Storage accounts."""

from mlpreflight.resources.attributes import many, reference, text, words
from mlpreflight.resources.view import View
from mlpreflight.values import Text, Unknown


class SubnetRule(View, label="network rule", bare=True):
    """A rule that lets a subnet in. `state` is what Azure says of a live one."""

    subnet = reference("id", "virtualNetworkResourceId")
    state = text("state", absent="Succeeded")

    @property
    def reference(self) -> Text | Unknown | None:
        """The id of the subnet, or why it is not known."""
        known = self.look("subnet")
        return known if isinstance(known, Unknown) else known.value


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
    loop = text("/copy.name")
