"""Questions about the Azure ML extension as a whole."""

from mlpreflight import data
from mlpreflight.environment import Environment
from mlpreflight.finding import Answer, failed, not_applicable, passed
from mlpreflight.resources.aks import ManagedCluster
from mlpreflight.resources.extension import AZUREML, PLAIN, PROTECTED, Extension, MachineLearningExtension
from mlpreflight.values import NotEnoughEvidence, Text

SERVICE_TYPES = ("loadBalancer", "nodePort", "clusterIP")


def enables_something(extension: MachineLearningExtension) -> Answer:
    """Is training or inference switched on?"""
    on = [key for key in ("enableTraining", "enableInference") if extension.is_true(key)]
    if on:
        return passed(f"{' and '.join(on)} on", *(extension.at_setting(key) for key in on))
    return failed(
        "neither enableTraining nor enableInference is True",
        extension.at_setting("enableTraining"),
        extension.at_setting("enableInference"),
        extension=extension.own_name,
    )


def has_service_type(extension: MachineLearningExtension) -> Answer:
    """Is it said how the inference router is reached?"""
    if (off := _without_inference(extension)) is not None:
        return off
    value = extension.setting("inferenceRouterServiceType")
    place = extension.at_setting("inferenceRouterServiceType")
    if value is None:
        return failed("inferenceRouterServiceType is not set", place, extension=extension.own_name)
    if not any(value == word for word in SERVICE_TYPES):
        return failed(
            f"inferenceRouterServiceType is {value}, not one of {', '.join(SERVICE_TYPES)}",
            place,
            extension=extension.own_name,
        )
    return passed(f"the router is reached by {value}", place)


def places_load_balancer_well(extension: MachineLearningExtension) -> Answer:
    """Is an internal load balancer asked for only where Azure can make one?"""
    value = extension.setting("internalLoadBalancerProvider")
    place = extension.at_setting("internalLoadBalancerProvider")
    if value is None:
        return not_applicable("no internal load balancer is asked for", place)
    if value != "azure":
        return failed(f"internalLoadBalancerProvider is {value}, and only azure exists", place)
    kind = extension.setting("inferenceRouterServiceType")
    if kind is not None and kind == "nodePort":
        return failed(
            "a router on node ports has no load balancer", place, extension.at_setting("inferenceRouterServiceType")
        )
    cluster = extension.cluster
    if cluster is None:
        raise NotEnoughEvidence.because("it is not known which cluster the extension is on", "its scope")
    if f"/{ManagedCluster.type}/".lower() in cluster.written.lower():
        return passed("Azure makes an internal load balancer for an AKS cluster", place)
    if cluster.holes and "/providers/" not in cluster.written:
        raise NotEnoughEvidence(cluster.holes[0])
    return failed("only AKS clusters get an internal load balancer from Azure", place)


def has_tls(extension: MachineLearningExtension) -> Answer:
    """Does the scoring endpoint have what HTTPS needs, or is HTTP explicitly allowed?"""
    if (off := _without_inference(extension)) is not None:
        return off
    if extension.is_true("allowInsecureConnections"):
        return not_applicable("plain HTTP is allowed", extension.at_setting("allowInsecureConnections"))
    secret = _either(extension, PLAIN, ("sslSecret", "scoringFe.sslSecret"))
    files = [
        _either(extension, PROTECTED, names)
        for names in (("sslCertPemFile", "scoringFe.sslCert"), ("sslKeyPemFile", "scoringFe.sslKey"))
    ]
    missing: list[str] = []
    if not secret and not all(files):
        missing.append("sslSecret (or both sslCertPemFile and sslKeyPemFile)")
    if extension.setting("sslCname") is None:
        missing.append("sslCname")
    if missing:
        keys = ("allowInsecureConnections", "sslSecret", "sslCname")
        return failed(
            f"HTTPS is the default, and {' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing",
            *(extension.at_setting(key) for key in keys),
            extension=extension.own_name,
        )
    return passed("certificate, key and name are given", extension.at_setting("sslCname"))


def refuses_plain_http(extension: MachineLearningExtension) -> Answer:
    """Does the scoring endpoint insist on HTTPS?"""
    if (off := _without_inference(extension)) is not None:
        return off
    place = extension.at_setting("allowInsecureConnections")
    if extension.is_true("allowInsecureConnections"):
        return failed("models are called over plain HTTP", place, extension=extension.own_name)
    return passed("HTTPS only", place)


def spells_out_what_az_translates(extension: MachineLearningExtension) -> Answer:
    """Does a declared extension carry the settings that only the command line would derive?"""
    if (off := _without_inference(extension)) is not None:
        return off
    missing: list[str] = []
    evidence = []
    for friendly, derived in data.table("extension_settings")["translated"].items():
        key, _, wanted = friendly.partition("=")
        value = extension.setting(key)
        if value is None or (wanted and value != wanted):
            continue
        if key.startswith("ssl") and extension.is_true("allowInsecureConnections"):
            continue
        bag = PLAIN if derived["bag"] == "plain" else PROTECTED
        if extension.setting_node(bag, derived["key"]) is None:
            missing.append(f"{derived['key']} (for {key})")
            evidence.append(extension.at_setting(key))
    if missing:
        return failed(
            f"nothing but `az k8s-extension` turns these into what the extension reads: {', '.join(missing)}",
            *evidence,
            extension=extension.own_name,
        )
    return passed("nothing is left for the command line to translate", extension.at())


def has_cluster_scope(extension: MachineLearningExtension) -> Answer:
    """Is the extension installed for the whole cluster, in the namespace azureml?"""
    if extension.has_namespace_scope:
        return failed("it is scoped to a namespace", extension.at("has_namespace_scope"))
    namespace = extension.release_namespace
    if namespace is not None and namespace != "azureml":
        return failed(f"its release namespace is {namespace}, not azureml", extension.at("release_namespace"))
    return passed("it is scoped to the cluster", extension.at("release_namespace"))


def is_on_stable_train(extension: MachineLearningExtension) -> Answer:
    """Does the extension come from the stable release train?"""
    if extension.release_train == "stable":
        return passed("it comes from the stable train", extension.at("release_train"))
    return failed(f"it comes from the train {extension.release_train}", extension.at("release_train"))


def has_identity(extension: MachineLearningExtension) -> Answer:
    """Does the extension have an identity of its own?"""
    if extension.identity_type == "SystemAssigned":
        return passed("it has an identity of its own", extension.at("identity_type"))
    return failed("it has no identity of its own", extension.at("identity_type"), extension=extension.own_name)


def is_of_known_type(extension: Extension) -> Answer:
    """Is an extension that means to be Azure ML's of the type that exists?"""
    kind: Text = extension.extension_type
    if kind == AZUREML:
        return passed(f"it is {AZUREML}", extension.at("extension_type"))
    words = kind.known.lower()
    if "azureml" in words or "machinelearning" in words:
        return failed(f"{kind} does not exist; Azure ML's is {AZUREML}", extension.at("extension_type"))
    return not_applicable(f"{kind or 'it'} is none of Azure ML's", extension.at("extension_type"))


def is_alone_on_its_cluster(extension: MachineLearningExtension, env: Environment) -> Answer:
    """Is it the only Azure ML extension on its cluster?"""
    cluster = extension.cluster
    if cluster is None:
        raise NotEnoughEvidence.because("it is not known which cluster the extension is on", "its scope")
    extensions, doubt = env.all(MachineLearningExtension)
    for other in extensions:
        if other.node is extension.node or other.doubt or other.cluster is None:
            continue
        if other.cluster == cluster:
            return failed(f"{other.own_name} is on the same cluster", extension.at(), other.at())
    if doubt:
        raise NotEnoughEvidence(doubt)
    return passed("no other one is on the cluster", extension.at())


def _without_inference(extension: MachineLearningExtension) -> Answer | None:
    if extension.is_true("enableInference"):
        return None
    return not_applicable("inference is not switched on", extension.at_setting("enableInference"))


def _either(extension: MachineLearningExtension, bag: str, keys: tuple[str, ...]) -> bool:
    return any(extension.setting_node(bag, key) is not None for key in keys)
