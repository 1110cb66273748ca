"""Questions about storage firewalls."""

from mlpreflight.environment import Environment
from mlpreflight.finding import Answer, failed, not_applicable, passed
from mlpreflight.resources.several import first
from mlpreflight.resources.storage import StorageAccount
from mlpreflight.resources.storage_rules import StorageSubnetRule
from mlpreflight.resources.subjects import WorkspaceStorage
from mlpreflight.resources.vnet import Subnet

STORAGE_ENDPOINTS = ("Microsoft.Storage", "Microsoft.Storage.Global")


def denies_by_default(account: StorageAccount) -> Answer:
    """Does the account refuse networks that no rule lets in?"""
    if account.public_network_access == "Disabled":
        return passed("public network access is disabled", account.at("public_network_access"))
    if account.default_action == "Deny":
        return passed("networks that no rule names are denied", account.at("default_action"))
    if account.default_action == "Allow":
        evidence = account.at("default_action")
        return failed("every network may reach it: the default action is Allow", evidence, storage_account=account.name)
    return failed(
        f"the default action {account.default_action} is neither Allow nor Deny", account.at("default_action")
    )


def lets_trusted_services_in(storage: WorkspaceStorage) -> Answer:
    """Can trusted Microsoft services, Azure ML among them, still reach the account?"""
    account = storage.view
    closed = account.public_network_access == "Disabled"
    if not closed and account.default_action == "Allow":
        return not_applicable("the account is open to every network", account.at("default_action"))
    if "AzureServices" in account.bypass:
        return passed("trusted Microsoft services get past the firewall", account.at("bypass"))
    return failed(
        "trusted Microsoft services, Azure Machine Learning among them, are shut out",
        account.at("bypass"),
        storage_account=account.name,
    )


def rule_has_service_endpoint(entry: StorageSubnetRule, env: Environment) -> Answer:
    """Does the subnet that a rule lets in have the service endpoint by which storage recognises it?"""
    account, rule = entry.view, entry.rule
    if account.public_network_access == "Disabled":
        return not_applicable("public network access is disabled, so rules for subnets do nothing")
    if account.default_action == "Allow":
        return not_applicable("the account is open to every network", account.at("default_action"))
    if rule.state == "NetworkSourceDeleted":
        return failed("the subnet was deleted and made anew, and the rule still means the old one", rule.at("state"))
    reference = rule.subnet
    if reference is None:
        return failed("the rule names no subnet", rule.at())
    subnet = env.find(reference, Subnet)
    if subnet is None:
        return failed(f"the subnet {reference} does not exist", rule.at("subnet"))
    found = first(
        subnet.service_endpoints, lambda endpoint: any(endpoint.service == word for word in STORAGE_ENDPOINTS)
    )
    if found is not None:
        return passed(f"{subnet.name} has the service endpoint {found.service}", rule.at("subnet"), found.at("service"))
    return failed(
        f"{subnet.name} has no service endpoint for storage: its traffic comes from addresses the rule does not mean",
        rule.at("subnet"),
        subnet.at("service_endpoints"),
        vnet=subnet.name.split("/")[0],
        subnet=subnet.own_name,
        storage_account=account.name,
    )
