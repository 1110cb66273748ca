"""What stands in networks: storage, vaults, registries, workspaces, clusters, machines, roles."""

from typing import Any

from made.networks import after_network, subnet_id
from made.writing import HERE, TENANT, Json, Ref, Template, code


def _acls(t: Template, area: str) -> Any:
    """The network rules of a storage account or key vault, in one of the ways that people write them."""
    rule: Json = {"id": subnet_id(t)}
    if area == "storage":
        rule |= {"action": "Allow"}
    plain = {
        "bypass": t.said(f"{area}Bypass", "AzureServices", "None"),
        "defaultAction": t.said(f"{area}DefaultAction", "Deny", "Allow"),
        "virtualNetworkRules": [rule] if t.chance(0.6) else [],
        "ipRules": [{"value": "203.0.113.17"}] if t.chance(0.3) else [],
    }
    way = t.lots.random()
    if way < 0.55:
        return plain
    if way < 0.7:
        return t.parameter(f"{area}NetworkAcls", {"bypass": "AzureServices", "defaultAction": "Deny", "ipRules": []})
    shared = t.variable("closed", {"bypass": "AzureServices", "defaultAction": "Deny"})
    if way < 0.85:
        return f"[union({code(shared)}, {code({'virtualNetworkRules': [rule]})})]"
    closed = t.parameter("isClosed", True, "Whether only the network's own subnets may reach it.")
    return f"[if({code(closed)}, {code(shared)}, {code({'bypass': 'None', 'defaultAction': 'Allow'})})]"


def storage(t: Template) -> None:
    properties: Json = {
        "minimumTlsVersion": t.said("minimumTls", "TLS1_2", "TLS1_0"),
        "supportsHttpsTrafficOnly": t.said("httpsOnly", True),
        "allowBlobPublicAccess": t.said("publicBlobs", False),
        "accessTier": "Hot",
        "encryption": {
            "keySource": "Microsoft.Storage",
            "services": {one: {"enabled": True, "keyType": "Account"} for one in ("blob", "file")},
        },
    }
    properties |= {"networkAcls": _acls(t, "storage")} if t.chance(0.85) else {}
    body = {"kind": "StorageV2", "sku": {"name": t.said("storageSku", "Standard_LRS", "Standard_ZRS", "Standard_GRS")}}
    kind, version = "Microsoft.Storage/storageAccounts", "2023-05-01"
    name = t.name("stml", is_global=True)
    made = t.add("storage", kind, version, name, after_network(t), location=HERE, **body, properties=properties)
    if t.chance(0.4):
        loop = {"name": f"containers{t.count['stml']}", "count": t.said("containerCount", 3)}
        child = t.under(made, "[concat('default/data', copyIndex(1))]")
        kind += "/blobServices/containers"
        t.add("container", kind, version, child, [made], copy=loop, properties={"publicAccess": "None"})


def vault(t: Template) -> None:
    policy = {
        "tenantId": TENANT,
        "objectId": t.parameter("operatorId", "", "The object id of the people who run this."),
        "permissions": {"keys": ["get", "list", "wrapKey", "unwrapKey"], "secrets": ["get", "list", "set"]},
    }
    properties: Json = {
        "tenantId": TENANT,
        "sku": {"family": "A", "name": t.said("vaultSku", "standard", "premium")},
        "accessPolicies": [policy] if t.chance(0.5) else [],
        "enableRbacAuthorization": t.said("rbac", True),
        "enableSoftDelete": True,
        "softDeleteRetentionInDays": t.said("retention", 30, 90),
    }
    properties |= {"networkAcls": _acls(t, "vault")} if t.chance(0.8) else {}
    name = t.name("kv", is_global=True)
    t.add(
        "vault", "Microsoft.KeyVault/vaults", "2023-07-01", name, after_network(t), location=HERE, properties=properties
    )


def registry(t: Template) -> None:
    sku = t.said("registrySku", "Premium", "Standard")
    access = t.said("registryAccess", "Disabled", "Enabled")
    properties = {"adminUserEnabled": True, "publicNetworkAccess": access}
    kind, version, name = "Microsoft.ContainerRegistry/registries", "2023-07-01", t.name("acr", is_global=True)
    t.add("registry", kind, version, name, location=HERE, sku={"name": sku}, properties=properties)


def insights(t: Template) -> None:
    body = {"location": HERE, "kind": "web", "properties": {"Application_Type": "web", "RetentionInDays": 90}}
    t.add("insights", "Microsoft.Insights/components", "2020-02-02", t.name("appi"), **body)


def workspace(t: Template) -> None:
    """A workspace on the storage account, vault, registry and insights of this template, or on others."""
    places = {
        "storageAccount": ("storage", "Microsoft.Storage/storageAccounts"),
        "keyVault": ("vault", "Microsoft.KeyVault/vaults"),
        "containerRegistry": ("registry", "Microsoft.ContainerRegistry/registries"),
        "applicationInsights": ("insights", "Microsoft.Insights/components"),
    }
    properties: Json = {"friendlyName": t.said("friendlyName", "Forecasts", "Vision"), "hbiWorkspace": False}
    for field, (what, kind) in places.items():
        made = t.made.get(what)
        properties[field] = made.id if made else t.id(kind, t.parameter(f"{what}Name", f"{what}shared"))
    properties["publicNetworkAccess"] = t.said("workspaceAccess", "Disabled", "Enabled")
    properties |= {"imageBuildCompute": t.said("imageBuildCompute", "builder")} if t.chance(0.3) else {}
    after = [t.made[what] for what, _ in places.values() if what in t.made]
    body = {"location": HERE, "identity": {"type": "SystemAssigned"}, "sku": {"name": "Basic", "tier": "Basic"}}
    kind, version = "Microsoft.MachineLearningServices/workspaces", "2024-04-01"
    made = t.add("workspace", kind, version, t.name("mlw"), after, **body, properties=properties)
    for _ in range(t.lots.randint(0, 4)):
        computes(t, made)


SIZES = ("Standard_DS3_v2", "Standard_D4s_v5", "Standard_NC6s_v3", "Standard_E8s_v5")


def computes(t: Template, into: Ref) -> None:
    """A compute of a workspace: a cluster, an instance, or an attached Kubernetes cluster; sometimes several."""
    way, size = t.lots.random(), t.said("computeSize", *SIZES)
    network_: Json = {"subnet": {"id": subnet_id(t, "training")}} if t.chance(0.6) else {}
    if way < 0.5:
        scale = {"minNodeCount": t.said("minNodes", 0, 1), "maxNodeCount": t.said("maxNodes", 4, 8, 16)}
        scale["nodeIdleTimeBeforeScaleDown"] = "PT120S"
        inner = {"vmSize": size, "vmPriority": "Dedicated", "scaleSettings": scale}
        inner |= {"remoteLoginPortPublicAccess": t.said("remoteLogin", "Disabled", "NotSpecified"), **network_}
        properties: Json = {"computeType": "AmlCompute", "properties": inner}
    elif way < 0.8:
        inner = {"vmSize": size, "applicationSharingPolicy": "Personal", **network_}
        inner |= {"sshSettings": {"sshPublicAccess": t.said("sshAccess", "Disabled", "Enabled")}}
        properties = {"computeType": "ComputeInstance", "properties": inner}
    else:
        cluster = t.made["aks"].id if "aks" in t.made else t.parameter("clusterId", "")
        inner = {"clusterPurpose": "FastProd", "loadBalancerType": t.said("balancer", "InternalLoadBalancer")}
        inner |= {"loadBalancerSubnet": "aks"}
        properties = {"computeType": "AKS", "resourceId": cluster, "properties": inner}
    name, kind = t.name("compute"), "Microsoft.MachineLearningServices/workspaces/computes"
    after, body = [into, *after_network(t)], {"location": HERE, "properties": properties}
    if t.chance(0.2):
        loop = {"name": f"computes{t.count['compute']}", "count": t.parameter("computeCount", 2, minValue=1)}
        t.add(
            "computes",
            kind,
            "2024-04-01",
            t.under(into, f"[concat({code(name)}, copyIndex())]"),
            after,
            copy=loop,
            **body,
        )
    else:
        t.add("compute", kind, "2024-04-01", t.under(into, name), after, **body)


def aks(t: Template) -> None:
    """A Kubernetes cluster with node pools, and Azure ML's extension on some."""
    pools = [_pool(t, at) for at in range(t.lots.randint(1, 4))]
    profile = {
        "networkPlugin": t.said("networkPlugin", "azure", "kubenet"),
        "serviceCidr": t.said("serviceCidr", "10.0.0.0/16", "172.20.0.0/16"),
        "dnsServiceIP": t.said("dnsServiceIp", "10.0.0.10", "172.20.0.10"),
        "loadBalancerSku": "standard",
        "outboundType": t.said("outboundType", "loadBalancer", "userDefinedRouting"),
    }
    ranges = t.said("authorizedRanges", ["203.0.113.0/24", "198.51.100.4/32"], [])
    server: Json = {"enablePrivateCluster": t.said("privateCluster", True)}
    properties: Json = {
        "kubernetesVersion": t.said("kubernetesVersion", "1.29.4", "1.30.0"),
        "dnsPrefix": t.said("dnsPrefix", "mlaks"),
        "agentPoolProfiles": pools,
        "networkProfile": profile,
        "apiServerAccessProfile": server if t.chance(0.5) else {"authorizedIPRanges": ranges},
        "disableLocalAccounts": t.said("noLocalAccounts", False),
        "addonProfiles": {"azurepolicy": {"enabled": True}, "omsagent": {"enabled": t.said("monitoring", False)}},
    }
    if t.chance(0.3):
        turn = "parameters('pools')[copyIndex('agentPoolProfiles')]"
        table = [{"name": f"pool{at}", "size": SIZES[at], "nodes": at + 1} for at in range(t.lots.randint(1, 4))]
        t.parameter("pools", table, "The node pools.")
        one = {"name": f"[{turn}.name]", "count": f"[{turn}.nodes]", "vmSize": f"[{turn}.size]", "mode": "System"}
        one |= {"vnetSubnetID": subnet_id(t, "aks"), "osType": "Linux", "type": "VirtualMachineScaleSets"}
        properties["copy"] = [{"name": "agentPoolProfiles", "count": "[length(parameters('pools'))]", "input": one}]
        del properties["agentPoolProfiles"]
    kind, version, after = "Microsoft.ContainerService/managedClusters", "2024-05-01", after_network(t)
    body = {"location": HERE, "identity": {"type": "SystemAssigned"}, "sku": {"name": "Base", "tier": "Standard"}}
    made = t.add("aks", kind, version, t.name("aks"), after, **body, properties=properties)
    if t.chance(0.4):
        child = t.under(made, t.said("gpuPoolName", "gpu"))
        t.add("pool", f"{kind}/agentPools", version, child, [made], properties=_pool(t, 9))
    if t.chance(0.4):
        settings = {"enableTraining": "True", "enableInference": t.said("inference", "True", "False")}
        settings |= {"inferenceRouterServiceType": "LoadBalancer", "internalLoadBalancerProvider": "azure"}
        properties = {"extensionType": "Microsoft.AzureML.Kubernetes", "releaseTrain": "stable"}
        properties |= {"scope": {"cluster": {"releaseNamespace": "azureml"}}, "configurationSettings": settings}
        where = {"scope": made.id, "identity": {"type": "SystemAssigned"}, "properties": properties}
        t.add("extension", "Microsoft.KubernetesConfiguration/extensions", "2023-05-01", "azureml", [made], **where)


def _pool(t: Template, at: int) -> Json:
    scales = {"enableAutoScaling": True, "minCount": t.said("poolMin", 1, 3), "maxCount": 10} if t.chance(0.4) else {}
    return {
        "name": f"pool{at}",
        "count": t.said("nodeCount", 3, 1, 6),
        "vmSize": t.said("nodeSize", *SIZES),
        "osType": "Linux",
        "mode": "User" if at else "System",
        "type": "VirtualMachineScaleSets",
        "vnetSubnetID": subnet_id(t, "aks"),
        **scales,
    }


def machines(t: Template) -> None:
    """Machines of one kind, made by a loop, each with its interface."""
    many = t.parameter("machineCount", 2, "How many machines there are.", minValue=1, maxValue=20)
    base, user = t.name("vm"), t.parameter("adminUser", "operator")
    key = t.parameter("adminKey", "", "The public key of the operators.")
    names = [f"[concat({code(base)}, '{part}', copyIndex())]" for part in ("-nic-", "-")]
    address = {"subnet": {"id": subnet_id(t, "jumphosts")}, "privateIPAllocationMethod": "Dynamic"}
    inner: Json = {"ipConfigurations": [{"name": "main", "properties": address}], "enableAcceleratedNetworking": True}
    kinds = "Microsoft.Network/networkInterfaces", "Microsoft.Compute/virtualMachines"
    loops = [{"name": f"{part}{t.count['vm']}", "count": many} for part in ("interfaces", "machines")]
    body: Json = {"location": HERE, "copy": loops[0], "properties": inner}
    interfaces = t.add("interfaces", kinds[0], "2023-09-01", names[0], after_network(t), **body)
    image = {
        "publisher": "Canonical",
        "offer": t.said("offer", "ubuntu-24_04-lts"),
        "sku": "server",
        "version": "latest",
    }
    login = {"path": f"[concat('/home/', {code(user)}, '/.ssh/authorized_keys')]", "keyData": key}
    linux = {"disablePasswordAuthentication": True, "ssh": {"publicKeys": [login]}}
    disk = {"createOption": "FromImage", "managedDisk": {"storageAccountType": t.said("disk", "Premium_LRS")}}
    inner = {
        "hardwareProfile": {"vmSize": t.said("machineSize", *SIZES)},
        "storageProfile": {"imageReference": image, "osDisk": disk},
        "osProfile": {"computerName": names[1], "adminUsername": user, "linuxConfiguration": linux},
        "networkProfile": {"networkInterfaces": [{"id": t.id(kinds[0], names[0])}]},
    }
    body = {"location": HERE, "copy": loops[1], "properties": inner}
    t.add("machines", kinds[1], "2024-03-01", names[1], [interfaces], **body)


def roles(t: Template) -> None:
    """Who may do what: an assignment for each of several people."""
    people = code(t.parameter("people", [], "The object ids of those who train models."))
    role = t.variable(
        "dataScientist", "[subscriptionResourceId('Microsoft.Authorization/roleDefinitions', 'f6c7c914')]"
    )
    name = f"[guid(resourceGroup().id, {people}[copyIndex()], {code(role)})]"
    properties = {"roleDefinitionId": role, "principalId": f"[{people}[copyIndex()]]", "principalType": "User"}
    loop = {"name": "assignments", "count": f"[length({people})]"}
    kind = "Microsoft.Authorization/roleAssignments"
    t.add("assignment", kind, "2022-04-01", name, copy=loop, condition=f"[not(empty({people}))]", properties=properties)
