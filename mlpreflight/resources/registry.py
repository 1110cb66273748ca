"""Container registries."""

from mlpreflight.resources.attributes import flag, many, text
from mlpreflight.resources.storage import AddressRule, SubnetRule
from mlpreflight.resources.view import View


class ContainerRegistry(View, type="Microsoft.ContainerRegistry/registries", label="container registry"):
    """A container registry, and who may reach it."""

    location = text("/location")
    sku = text("/sku.name")
    public_network_access = text("publicNetworkAccess", absent="Enabled")
    default_action = text("networkRuleSet.defaultAction", absent="Allow")
    subnet_rules = many("networkRuleSet.virtualNetworkRules", kind=SubnetRule)
    address_rules = many("networkRuleSet.ipRules", kind=AddressRule)
    has_data_endpoint = flag("dataEndpointEnabled")
    has_admin_user = flag("adminUserEnabled")
    bypass = text("networkRuleBypassOptions", absent="AzureServices")
