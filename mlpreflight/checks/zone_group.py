"""Questions about DNS zone groups, by which Azure keeps the records of private endpoints."""

import re

from mlpreflight.environment import Environment
from mlpreflight.finding import Answer, failed, not_applicable, passed
from mlpreflight.resources.private_dns import of_workspace
from mlpreflight.resources.private_endpoints import (
    ChosenZone,
    WorkspaceEndpoint,
    config_of,
    links_of,
    zone_groups_of,
)
from mlpreflight.resources.several import some
from mlpreflight.resources.zone_needs import WORKSPACE_GROUP, Need, needs_of
from mlpreflight.values import Text


def has_zone_group(endpoint: WorkspaceEndpoint, env: Environment) -> Answer:
    """Has a private endpoint a DNS zone group, by which Azure keeps its records?"""
    groups = zone_groups_of(endpoint.view, env)
    if groups:
        return passed("Azure keeps its records by a DNS zone group", groups.sure[0].at())
    return failed("it has no DNS zone group", endpoint.view.at())


def zone_fits_endpoint(chosen: ChosenZone, env: Environment) -> Answer:
    """Is a zone that a DNS zone group names the one for what the endpoint leads to?"""
    needs = [need for link in links_of(chosen.view) for need in needs_of(link, env)]
    if not needs:
        return not_applicable("its endpoint leads to nothing that Azure ML uses", chosen.config.at("zone"))
    if chosen.config.zone is None:
        return not_applicable("it names no zone", chosen.config.at())
    name = chosen.zone_name
    if some(needs, lambda need: _fits(name, need)):
        return passed(f"{name} is the zone for it", chosen.config.at("zone"))
    wanted = [zone for need in needs for zone in need.zones]
    groups = ", ".join(need.group for need in needs)
    return failed(
        f"{name} holds no names of {groups}; those stand in {' and '.join(wanted)}",
        chosen.config.at("zone"),
        *(link.at("group_ids") for link in links_of(chosen.view)),
        zones=" and ".join(wanted),
        wrong=name,
    )


def _fits(name: Text, need: Need) -> bool:
    if some(need.zones, lambda zone: name == zone):
        return True
    patterns = [re.escape(one).replace(re.escape("{region}"), "[a-z0-9]+") for one in need.also]
    return any(re.fullmatch(pattern, name.known.lower()) for pattern in patterns)


def registers_notebooks(endpoint: WorkspaceEndpoint, env: Environment) -> Answer:
    """Does the private endpoint of a workspace keep records for its notebooks too?"""
    if not some(links_of(endpoint.view), lambda link: WORKSPACE_GROUP in link.group_ids):
        return not_applicable("it does not lead to a workspace", endpoint.view.at("connections"))
    groups = zone_groups_of(endpoint.view, env)
    if not groups:
        return not_applicable("it has no DNS zone group", endpoint.view.at())
    zone = of_workspace(env, "notebooks")
    config = config_of(endpoint.view, zone, env)
    if config is not None:
        return passed(f"its DNS zone group names {zone}", config.at("zone"))
    return failed(
        f"its DNS zone group does not name {zone}",
        groups.sure[0].at("configs"),
        zone=zone,
        group=groups.sure[0].own_name,
    )
