"""Key vaults."""

from mlpreflight.resources.attributes import flag, many, text, words
from mlpreflight.resources.storage import AddressRule, SubnetRule
from mlpreflight.resources.view import View


class KeyVault(View, type="Microsoft.KeyVault/vaults", label="key vault"):
    """A key vault, and who may reach it."""

    location = text("/location")
    public_network_access = text("publicNetworkAccess", absent="Enabled")
    default_action = text("networkAcls.defaultAction", absent="Allow")
    bypass = words("networkAcls.bypass", absent=("AzureServices",))
    subnet_rules = many("networkAcls.virtualNetworkRules", kind=SubnetRule)
    address_rules = many("networkAcls.ipRules", kind=AddressRule)
    is_soft_deleting = flag("enableSoftDelete", absent=True)
