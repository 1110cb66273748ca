"""Questions about scoring endpoints of the first SDK, and the clusters it makes for them."""

import re

from mlpreflight.finding import Answer, failed, not_applicable, passed
from mlpreflight.resources.endpoints import AksEndpoint
from mlpreflight.resources.machine_learning import Compute

_NAMESPACE = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?\Z")


def asks_for_credentials(endpoint: AksEndpoint) -> Answer:
    """Does the endpoint ask its callers for a key or a token, and for one of the two only?"""
    if endpoint.has_keys and endpoint.has_tokens:
        return failed("keys and tokens exclude each other", endpoint.at("has_tokens"), endpoint.at("has_keys"))
    if not endpoint.has_keys and not endpoint.has_tokens:
        return failed("whoever reaches it may call it", endpoint.at("has_keys"))
    return passed(f"callers need a {'key' if endpoint.has_keys else 'token'}", endpoint.at("has_keys"))


def has_valid_namespace(endpoint: AksEndpoint) -> Answer:
    """Is its namespace a name that Kubernetes accepts?"""
    namespace = endpoint.namespace
    if namespace is None:
        return not_applicable("it goes into the workspace's own namespace", endpoint.at("namespace"))
    if _NAMESPACE.match(namespace.known):
        return passed(f"{namespace} is a valid name", endpoint.at("namespace"))
    return failed(f"{namespace} is no name for a namespace", endpoint.at("namespace"))


def has_long_enough_name(endpoint: AksEndpoint, *, least: int) -> Answer:
    """Has its version's name the length that the service insists on?"""
    name = endpoint.own_name.known
    if len(name) < least:
        return failed(f"{name} has {len(name)} characters, at least {least} are needed", endpoint.at())
    return passed(f"{name} is long enough", endpoint.at())


def scales_within_bounds(endpoint: AksEndpoint) -> Answer:
    """Are there no more replicas at least than at most?"""
    least, most = endpoint.least_replicas, endpoint.most_replicas
    if least > most:
        places = endpoint.at("least_replicas"), endpoint.at("most_replicas")
        return failed(f"at least {least} replicas are asked for, and at most {most}", *places)
    return passed(f"{least} to {most} replicas", endpoint.at("most_replicas"))


def cluster_scores_over_tls(compute: Compute) -> Answer:
    """Does a cluster that the first SDK attaches serve its models over HTTPS?"""
    if compute.kind != "AKS":
        return not_applicable("it is no cluster of the first SDK")
    if compute.ssl_status == "Disabled":
        return failed("models are called over plain HTTP", compute.at("ssl_status"))
    return passed(f"TLS is {compute.ssl_status}", compute.at("ssl_status"))


def cluster_has_own_certificate(compute: Compute) -> Answer:
    """Does the cluster use a certificate that somebody renews?"""
    if compute.kind != "AKS":
        return not_applicable("it is no cluster of the first SDK")
    if compute.leaf_domain_label is not None:
        return failed(
            f"its certificate is Microsoft's, for the label {compute.leaf_domain_label}",
            compute.at("leaf_domain_label"),
        )
    return passed("no certificate of Microsoft's is asked for", compute.at("leaf_domain_label"))
