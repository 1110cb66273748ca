"""Networks: groups of rules, virtual networks, gateways, private endpoints."""

from collections.abc import Sequence

from made.writing import HERE, Json, Ref, Template, code

# Name, direction, access, protocol, source, destination, ports.
RULES = (
    ("AllowAzureMLInbound", "Inbound", "Allow", "Tcp", "AzureMachineLearning", "*", ["44224"]),
    ("AllowBatchNodeManagement", "Inbound", "Allow", "Tcp", "BatchNodeManagement", "*", ["29876-29877"]),
    ("AllowHttpsFromOffice", "Inbound", "Allow", "Tcp", "203.0.113.0/24", "VirtualNetwork", ["443"]),
    ("AllowSshFromJumpHost", "Inbound", "Allow", "Tcp", "10.20.0.4/32", "VirtualNetwork", ["22"]),
    ("AllowSshFromAnywhere", "Inbound", "Allow", "Tcp", "*", "*", ["22"]),
    ("AllowRdpFromOffice", "Inbound", "Allow", "Tcp", "198.51.100.0/25", "*", ["3389"]),
    ("AllowGatewayManager", "Inbound", "Allow", "*", "GatewayManager", "*", ["65200-65535"]),
    ("AllowLoadBalancerProbe", "Inbound", "Allow", "*", "AzureLoadBalancer", "*", ["*"]),
    ("AllowScoring", "Inbound", "Allow", "Tcp", "VirtualNetwork", "VirtualNetwork", ["80", "443", "8080-8090"]),
    ("AllowNodesToNodes", "Inbound", "Allow", "*", "10.0.0.0/16", "10.0.0.0/16", ["*"]),
    ("DenyInternetInbound", "Inbound", "Deny", "*", "Internet", "*", ["*"]),
    ("DenyOtherInbound", "Inbound", "Deny", "*", "*", "*", ["*"]),
    ("AllowActiveDirectory", "Outbound", "Allow", "Tcp", "VirtualNetwork", "AzureActiveDirectory", ["80", "443"]),
    ("AllowAzureMLOutbound", "Outbound", "Allow", "Tcp", "VirtualNetwork", "AzureMachineLearning", ["443", "8787"]),
    ("AllowBatchOutbound", "Outbound", "Allow", "*", "VirtualNetwork", "BatchNodeManagement", ["443"]),
    ("AllowResourceManager", "Outbound", "Allow", "Tcp", "VirtualNetwork", "AzureResourceManager", ["443"]),
    ("AllowStorage", "Outbound", "Allow", "Tcp", "VirtualNetwork", "Storage", ["443", "445"]),
    ("AllowKeyVault", "Outbound", "Allow", "Tcp", "VirtualNetwork", "AzureKeyVault.WestEurope", ["443"]),
    ("AllowRegistry", "Outbound", "Allow", "Tcp", "VirtualNetwork", "AzureContainerRegistry", ["443"]),
    ("AllowMicrosoftRegistry", "Outbound", "Allow", "Tcp", "*", "MicrosoftContainerRegistry", ["443"]),
    ("AllowFrontDoor", "Outbound", "Allow", "Tcp", "VirtualNetwork", "AzureFrontDoor.FirstParty", ["443"]),
    ("AllowMonitor", "Outbound", "Allow", "Tcp", "VirtualNetwork", "AzureMonitor", ["443", "1886"]),
    ("AllowDns", "Outbound", "Allow", "Udp", "VirtualNetwork", "168.63.129.16/32", ["53"]),
    ("AllowProxy", "Outbound", "Allow", "Tcp", "10.0.0.0/16", "10.250.4.0/28", ["3128"]),
    ("DenyInternetOutbound", "Outbound", "Deny", "*", "*", "Internet", ["*"]),
)


def nsg(t: Template) -> None:
    """A network security group: its rules inline, by a loop over a variable, or as children made by a loop."""
    name, way = t.name("nsg"), t.lots.random()
    rules = [_rule(t, at) for at in range(t.lots.randint(5, 30))]
    kind, version = "Microsoft.Network/networkSecurityGroups", "2023-09-01"
    if way < 0.5:
        t.add("nsg", kind, version, name, location=HERE, properties={"securityRules": rules})
        return
    table = f"rules{t.count['nsg']}"
    t.variable(table, [{"name": rule["name"], **rule["properties"]} for rule in rules])
    inside = way < 0.75
    turn = f"variables('{table}')[copyIndex({code('securityRules') if inside else ''})]"
    fields = {key: f"[{turn}.{key}]" for key in ("access", "direction", "protocol", "sourcePortRange")}
    fields |= {key: f"[{turn}.{key}]" for key in ("sourceAddressPrefix", "destinationAddressPrefix")}
    fields |= {"destinationPortRanges": f"[coalesce({turn}.destinationPortRanges, createArray('*'))]"}
    count = f"[length(variables('{table}'))]"
    if inside:
        fields |= {"priority": "[add(100, mul(copyIndex('securityRules'), 10))]"}
        loop = {"name": "securityRules", "count": count, "input": {"name": f"[{turn}.name]", "properties": fields}}
        t.add("nsg", kind, version, name, location=HERE, properties={"copy": [loop]})
        return
    group = t.add("nsg", kind, version, name, location=HERE, properties={"securityRules": []})
    fields |= {"priority": "[add(100, mul(copyIndex(), 10))]"}
    loop = {"name": f"{table}Loop", "count": count, "mode": "Serial"}
    child = t.under(group, f"[{turn}.name]")
    t.add("rule", f"{kind}/securityRules", version, child, [group], copy=loop, properties=fields)


def _rule(t: Template, at: int) -> Json:
    name, direction, access, protocol, source, destination, ports = RULES[t.lots.randrange(len(RULES))]
    if source[0].isdigit() and t.chance(0.4):
        source = t.parameter("officeRange", source, "The addresses of the office.")
    elif source == "VirtualNetwork" and t.chance(0.1):
        source = t.said("nodeRange", "10.0.1.0/24", "10.0.2.0/23")
    return {
        "name": f"{name}{at}" if t.chance(0.9) else t.join(f"{name}{at}-", t.said("ruleSuffix", "a", "b")),
        "properties": {
            "description": f"{name} ({protocol}, {direction.lower()})",
            "protocol": protocol,
            "sourcePortRange": "*",
            "destinationPortRanges": ports,
            "sourceAddressPrefix": source,
            "destinationAddressPrefix": destination,
            "access": access,
            "priority": 100 + 10 * at,
            "direction": direction,
        },
    }


SUBNETS = ("training", "aks", "default", "inference", "endpoints", "gateway", "jumphosts", "AzureBastionSubnet")
SERVICES = ("Microsoft.Storage", "Microsoft.KeyVault", "Microsoft.ContainerRegistry", "Microsoft.AzureActiveDirectory")


def network(t: Template) -> None:
    """A virtual network; its subnets stand inside, come out of a loop, or follow as children."""
    octet, wanted = t.lots.randint(0, 200), t.lots.randint(2, len(SUBNETS))
    space = t.said("addressSpace", f"10.{octet}.0.0/16")
    name, kind, version = t.name("vnet"), "Microsoft.Network/virtualNetworks", "2023-09-01"
    groups = [one for what, one in t.made.items() if what == "nsg"]
    subnets = [_subnet(t, f"10.{octet}", at, groups) for at in range(wanted)]
    dns = {"dhcpOptions": {"dnsServers": t.said("dnsServers", ["10.250.0.4", "10.250.0.5"])}} if t.chance(0.2) else {}
    shared: Json = {"addressSpace": {"addressPrefixes": [space]}, **dns}
    way = t.lots.random()
    if way < 0.55:
        shared["subnets"] = subnets
        t.add("vnet", kind, version, name, groups, location=HERE, properties=shared)
    elif way < 0.8:
        plain = [{"name": SUBNETS[at], "range": f"10.{octet}.{at}.0/24"} for at in range(wanted)]
        table = code(t.parameter("subnets", plain) if t.chance(0.5) else t.variable("subnets", plain))
        turn = f"{table}[copyIndex('subnets')]"
        fields: Json = {"addressPrefix": f"[{turn}.range]", "serviceEndpoints": [{"service": SERVICES[0]}]}
        fields |= {"networkSecurityGroup": {"id": groups[0].id}} if groups and groups[0].id else {}
        loop: Json = {"name": "subnets", "count": f"[length({table})]"}
        loop |= {"input": {"name": f"[{turn}.name]", "properties": fields}}
        t.add("vnet", kind, version, name, groups, location=HERE, properties={**shared, "copy": [loop]})
    else:
        before = t.add("vnet", kind, version, name, location=HERE, properties=shared)
        for one in subnets:
            child = t.under(t.made["vnet"], one["name"])
            after = [before, *groups]
            before = t.add("subnet", f"{kind}/subnets", version, child, after, properties=one["properties"])


def _subnet(t: Template, base: str, at: int, groups: Sequence[Ref]) -> Json:
    name = SUBNETS[at]
    spread = t.lots.choice((24, 26, 27))
    range_ = f"{base}.{at}.0/{spread}" if t.chance(0.7) else t.parameter(f"{name}Range", f"{base}.{at}.0/{spread}")
    services = [{"service": one, "locations": ["*"]} for one in t.lots.sample(SERVICES, t.lots.randint(0, 4))]
    group = {"networkSecurityGroup": {"id": t.lots.choice(groups).id}} if groups and t.chance(0.8) else {}
    return {
        "name": name if t.chance(0.8) else t.variable(f"{name}SubnetName", name),
        "properties": {
            "addressPrefix": range_,
            "serviceEndpoints": services,
            "privateEndpointNetworkPolicies": t.said("endpointPolicies", "Disabled", "Enabled"),
            "privateLinkServiceNetworkPolicies": "Enabled",
            **group,
        },
    }


def subnet_id(t: Template, name: str = "training") -> str:
    """The id of a subnet of this template's network, or of one that exists."""
    vnet = t.made["vnet"].name if "vnet" in t.made else t.parameter("networkName", "vnet-hub")
    return t.id("Microsoft.Network/virtualNetworks/subnets", vnet, name)


def after_network(t: Template) -> list[Ref]:
    return [t.made["vnet"]] if "vnet" in t.made else []


def gateway(t: Template) -> None:
    """An application gateway with a public address, its listeners in pairs."""
    kind, version, name = "Microsoft.Network/applicationGateways", "2023-09-01", t.name("agw")
    fixed = {"publicIPAllocationMethod": "Static"}
    body: Json = {"location": HERE, "sku": {"name": "Standard"}, "properties": fixed}
    address = t.add("address", "Microsoft.Network/publicIPAddresses", version, t.name("pip"), **body)

    def inside(part: str, one: str) -> Json:
        return {"id": t.id(f"{kind}/{part}", name, one)}

    sites = [f"site{at}" for at in range(t.lots.randint(1, 5))]
    is_secure = t.chance(0.7)
    port = {"port": 443 if is_secure else t.said("frontendPort", 80, 443)}
    tls = {"sslCertificate": inside("sslCertificates", "cert")} if is_secure else {}
    backend = {"port": t.said("backendPort", 12800, 443, 80), "protocol": "Http", "cookieBasedAffinity": "Disabled"}
    subnet = {"subnet": {"id": subnet_id(t, "gateway")}}
    parts: dict[str, dict[str, Json]] = {
        "gatewayIPConfigurations": {"ip": subnet},
        "frontendIPConfigurations": {"public": {"publicIPAddress": {"id": address.id}}},
        "frontendPorts": {"main": port},
        "sslCertificates": {"cert": {"keyVaultSecretId": t.parameter("certificateId", "")}} if is_secure else {},
        "backendAddressPools": {one: {"backendAddresses": [{"ipAddress": "10.0.3.10"}]} for one in sites},
        "backendHttpSettingsCollection": {one: {**backend, "probe": inside("probes", one)} for one in sites},
        "probes": {one: {"protocol": "Http", "path": "/ping", "interval": 30, "timeout": 30} for one in sites},
        "httpListeners": {
            one: {
                "frontendIPConfiguration": inside("frontendIPConfigurations", "public"),
                "frontendPort": inside("frontendPorts", "main"),
                "protocol": "Https" if is_secure else "Http",
                "hostName": t.join(f"{one}.", t.said("domain", "models.example.com")),
                **tls,
            }
            for one in sites
        },
        "requestRoutingRules": {
            one: {
                "ruleType": "Basic",
                "priority": 100 + at,
                "httpListener": inside("httpListeners", one),
                "backendAddressPool": inside("backendAddressPools", one),
                "backendHttpSettings": inside("backendHttpSettingsCollection", one),
            }
            for at, one in enumerate(sites)
        },
    }
    properties: Json = {
        "sku": {"name": t.said("gatewaySku", "Standard_v2", "WAF_v2"), "tier": "Standard_v2", "capacity": 2}
    }
    for part, entries in parts.items():
        properties[part] = [{"name": key, "properties": entry} for key, entry in entries.items()]
    t.add("gateway", kind, version, name, [address, *after_network(t)], location=HERE, properties=properties)


ZONES = {
    "storage": ("blob", "privatelink.blob.core.windows.net"),
    "vault": ("vault", "privatelink.vaultcore.azure.net"),
    "registry": ("registry", "privatelink.azurecr.io"),
    "workspace": ("amlworkspace", "privatelink.api.azureml.ms"),
}


def endpoints(t: Template) -> None:
    """Private endpoints to what this template has, with the zones of their names."""
    kinds = "Microsoft.Network/privateEndpoints", "Microsoft.Network/privateDnsZones"
    for what, (group, zone) in ZONES.items():
        if what not in t.made:
            continue
        to = t.made[what]
        link = {"name": group, "properties": {"privateLinkServiceId": to.id, "groupIds": [group]}}
        properties = {"subnet": {"id": subnet_id(t, "endpoints")}, "privateLinkServiceConnections": [link]}
        name = t.name(f"pe-{group}")
        made = t.add("endpoint", kinds[0], "2023-09-01", name, [to], location=HERE, properties=properties)
        zones = t.add("zone", kinds[1], "2020-06-01", zone, location="global", properties={})
        entry = {"name": group, "properties": {"privateDnsZoneId": zones.id}}
        child, both = t.under(made, "default"), [made, zones]
        configs = {"privateDnsZoneConfigs": [entry]}
        t.add("zoneGroup", f"{kinds[0]}/privateDnsZoneGroups", "2023-09-01", child, both, properties=configs)
        vnet = t.made["vnet"].id if "vnet" in t.made else t.parameter("networkId", "")
        linked = {"registrationEnabled": False, "virtualNetwork": {"id": vnet}}
        child = t.under(zones, "[uniqueString(resourceGroup().id)]")
        kind = f"{kinds[1]}/virtualNetworkLinks"
        t.add("zoneLink", kind, "2020-06-01", child, [zones], location="global", properties=linked)
