"""Questions about the firewalls of storage accounts and key vaults."""

from mlpreflight.environment import Environment
from mlpreflight.finding import Answer, failed, not_applicable, passed
from mlpreflight.resources.firewall_rules import (
    StorageForCompute,
    StorageSubnetRule,
    VaultForCompute,
    VaultSubnetRule,
)
from mlpreflight.resources.keyvault import KeyVault
from mlpreflight.resources.serving import endpoint_serving
from mlpreflight.resources.several import first, some
from mlpreflight.resources.storage import StorageAccount
from mlpreflight.resources.subjects import WorkspaceStorage, WorkspaceVault
from mlpreflight.resources.vnet import PrivateEndpoint, Subnet
from mlpreflight.values import NotEnoughEvidence

Firewalled = StorageAccount | KeyVault


def storage_denies_by_default(account: StorageAccount) -> Answer:
    """Does the account refuse networks that no rule lets in?"""
    return _denies_by_default(account)


def vault_denies_by_default(vault: KeyVault) -> Answer:
    """Does the vault refuse networks that no rule lets in?"""
    return _denies_by_default(vault)


def _denies_by_default(view: Firewalled) -> Answer:
    if view.public_network_access == "Disabled":
        return passed("public network access is disabled", view.at("public_network_access"))
    if view.default_action == "Deny":
        return passed("networks that no rule names are denied", view.at("default_action"))
    if view.default_action == "Allow":
        return failed("every network may reach it: the default action is Allow", view.at("default_action"))
    return failed(f"the default action {view.default_action} is neither Allow nor Deny", view.at("default_action"))


def storage_lets_services_in(storage: WorkspaceStorage) -> Answer:
    """Can trusted Microsoft services, Azure ML among them, still reach the account?"""
    account = storage.view
    if _is_open(account):
        return not_applicable("the account is open to every network", account.at("default_action"))
    if "AzureServices" in account.bypass:
        return passed("trusted Microsoft services get past the firewall", account.at("bypass"))
    workspaces = "/providers/Microsoft.MachineLearningServices/workspaces/"
    if some(account.instance_rules, lambda rule: rule.resource_id is not None and _names(rule.resource_id, workspaces)):
        return passed("a rule lets the workspace itself in", account.at("instance_rules"))
    return failed("trusted Microsoft services, Azure Machine Learning among them, are shut out", account.at("bypass"))


def vault_lets_services_in(vault: WorkspaceVault) -> Answer:
    """Can trusted Microsoft services, Azure ML among them, still reach the vault?"""
    view = vault.view
    if _is_open(view):
        return not_applicable("the vault is open to every network", view.at("default_action"))
    if "AzureServices" in view.bypass:
        return passed("trusted Microsoft services get past the firewall", view.at("bypass"))
    return failed("trusted Microsoft services, Azure Machine Learning among them, are shut out", view.at("bypass"))


def storage_rule_has_endpoint(entry: StorageSubnetRule, env: Environment) -> Answer:
    """Does the subnet that a rule lets in have the service endpoint by which storage recognises it?"""
    if entry.rule.state == "NetworkSourceDeleted":
        state = entry.rule.at("state")
        return failed("the subnet was deleted and made anew, and the rule still means the old one", state)
    return _rule_has_endpoint(entry, env, ("Microsoft.Storage", "Microsoft.Storage.Global"))


def vault_rule_has_endpoint(entry: VaultSubnetRule, env: Environment) -> Answer:
    """Does the subnet that a rule lets in have the service endpoint by which key vault recognises it?"""
    return _rule_has_endpoint(entry, env, ("Microsoft.KeyVault",))


def _rule_has_endpoint(
    entry: StorageSubnetRule | VaultSubnetRule, env: Environment, services: tuple[str, ...]
) -> Answer:
    view, rule = entry.view, entry.rule
    if view.public_network_access == "Disabled":
        return not_applicable("public network access is disabled, so rules for subnets do nothing")
    if _is_open(view):
        return not_applicable("it is open to every network, so rules for subnets do nothing", view.at("default_action"))
    if rule.subnet is None:
        return failed("the rule names no subnet", rule.at())
    subnet = env.find(rule.subnet, Subnet)
    if subnet is None:
        return failed(f"the subnet {rule.subnet} does not exist", rule.at("subnet"))
    found = first(subnet.service_endpoints, lambda endpoint: any(endpoint.service == word for word in services))
    if found is not None:
        return passed(f"{subnet.name} has the service endpoint {found.service}", rule.at("subnet"), found.at("service"))
    return failed(
        f"{subnet.name} has no service endpoint {services[0]}: its traffic comes from addresses the rule does not mean",
        rule.at("subnet"),
        subnet.at("service_endpoints"),
        vnet=subnet.network.name,
        subnet=subnet.own_name,
    )


def storage_lets_compute_in(pair: StorageForCompute, env: Environment, *, by_private_endpoint: bool) -> Answer:
    """Can the nodes of a compute reach the storage account of their workspace?"""
    return _lets_compute_in(pair, env, by_private_endpoint)


def vault_lets_compute_in(pair: VaultForCompute, env: Environment, *, by_private_endpoint: bool) -> Answer:
    """Can the nodes of a compute reach the key vault of their workspace?"""
    return _lets_compute_in(pair, env, by_private_endpoint)


def _lets_compute_in(pair: StorageForCompute | VaultForCompute, env: Environment, by_private_endpoint: bool) -> Answer:
    view, reference = pair.view, pair.nodes.place.reference
    if _is_open(view):
        return passed("it is open to every network", view.at("default_action"))
    shut = view.public_network_access == "Disabled"
    if not shut:
        found = first(view.subnet_rules, lambda rule: rule.subnet is not None and rule.subnet == reference)
        if found is not None:
            return passed("a rule lets the subnet in", found.at("subnet"), pair.nodes.at_reference())
    if by_private_endpoint and (endpoint := _private_endpoint(pair, env)) is not None:
        return passed(f"the private endpoint {endpoint.name} leads to it", endpoint.at("connections"))
    if by_private_endpoint and not env.complete:
        raise NotEnoughEvidence.because(
            f"no rule lets the subnet in; a private endpoint for {view.name} may stand elsewhere: "
            "hand in the file that declares it, or say `complete: true`",
            f"private endpoints of {view.name}",
        )
    attribute = "public_network_access" if shut else "subnet_rules"
    return failed(
        "public network access is disabled, and there is no private endpoint" if shut else "no rule lets the subnet in",
        view.at(attribute),
        pair.nodes.at_reference(),
        subnet_id=reference,
    )


def open_for_inference(storage: WorkspaceStorage) -> Answer:
    """Is the account open to every network, as inference of the first generation needs it?"""
    account = storage.view
    if _is_open(account):
        return passed("it is open to every network", account.at("default_action"))
    shut = account.public_network_access == "Disabled"
    return failed(
        "its firewall is closed, and models that are deployed cannot read from it",
        account.at("public_network_access" if shut else "default_action"),
    )


def _private_endpoint(pair: StorageForCompute | VaultForCompute, env: Environment) -> PrivateEndpoint | None:
    """The private endpoint by which the nodes reach it: for blobs, or for the vault, and in a network that is near."""
    group = "blob" if isinstance(pair.view, StorageAccount) else "vault"
    return endpoint_serving([pair.view.id], group, pair.nodes, env)


def _is_open(view: Firewalled) -> bool:
    return view.public_network_access != "Disabled" and view.default_action == "Allow"


def _names(id: object, step: str) -> bool:
    return step.lower() in str(id).lower()
