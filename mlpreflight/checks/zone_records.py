"""Questions about the records of a private DNS zone that people keep by hand."""

from mlpreflight.environment import Environment
from mlpreflight.finding import Answer, failed, not_applicable, passed
from mlpreflight.resources.private_dns import ARecord, PrivateZone, of_workspace, zones_among
from mlpreflight.resources.private_endpoints import WorkspaceEndpoint, links_of
from mlpreflight.resources.several import Several, first, some
from mlpreflight.resources.vnet import EndpointName
from mlpreflight.resources.zone_needs import needs_of
from mlpreflight.values import NotEnoughEvidence, Text, Unknown

API, INFERENCE = ".workspace.", ".inference."


def has_inference_names(zone: PrivateZone, env: Environment) -> Answer:
    """Has each workspace with a record in the zone another for the names of its online endpoints?"""
    if zone.name != of_workspace(env, "api"):
        return not_applicable("it is not the zone of workspaces", zone.at())
    records = zone.records(env)
    asked: list[tuple[ARecord, Text]] = []
    doubt = records.more
    for record in records.every:
        try:
            name = _inference_name(record.own_name)
        except NotEnoughEvidence as stopped:
            doubt = doubt or stopped.unknown
            continue
        if name is not None:
            asked.append((record, name))
    missing = first(asked, lambda pair: not _is_there(pair[1], records) and _is_certain(pair[0]))
    if missing is not None:
        record, name = missing
        told = f"{record.own_name} has a record, {name} has none"
        return failed(told, record.at(), zone=zone.name, record=name)
    if doubt:
        raise NotEnoughEvidence(doubt)
    if not asked:
        return not_applicable("no record of a workspace is declared in it", zone.at())
    return passed("each workspace in it has a record for its online endpoints", *(one.at() for one, _ in asked))


def _inference_name(own: Text) -> Text | None:
    """*.<id>.inference.<region> beside <id>.workspace.<region>; None for other records, raises where that is open."""
    parts = [part.lower() if isinstance(part, str) else part for part in own.parts]
    at = next((number for number, part in enumerate(parts) if isinstance(part, str) and API in part), None)
    if at is None:
        if own.holes and not any(isinstance(part, str) and INFERENCE in part for part in parts):
            raise NotEnoughEvidence(own.holes[0])
        return None
    before, _, region = str(parts[at]).partition(API)
    rest = parts[at + 1 :]
    if any("." in part for part in (region, *rest) if isinstance(part, str)):
        return None
    return Text(("*.", *parts[:at], before + INFERENCE + region, *rest))


def _is_there(name: Text, records: Several[ARecord]) -> bool:
    return some(records, lambda one: one.own_name == name)


def _is_certain(record: ARecord) -> bool:
    """True; raises where nobody knows whether the record is deployed."""
    if record.doubt:
        raise NotEnoughEvidence(record.doubt)
    return True


def names_have_records(endpoint: WorkspaceEndpoint, env: Environment) -> Answer:
    """Do the declared zones answer each name that Azure lists for an endpoint with the endpoint's address?"""
    groups = endpoint.view.look("own_zone_groups")
    if not isinstance(groups, Unknown) and groups.value.sure:
        return not_applicable("Azure keeps its records by a DNS zone group", groups.value.sure[0].at())
    names = endpoint.view.names
    asked = [
        (name, zone, own)
        for name in names
        if name.addresses  # a template may name hosts; only Azure adds their addresses
        for zone, own in _records_wanted(name, endpoint, env)
    ]
    if not asked:
        return not_applicable("no name that needs a record is listed", endpoint.view.at("names"))
    lost = first(asked, lambda one: _answer(one[1], one[2], env) not in one[0].addresses)
    if lost is None:
        return passed("its names have records with its addresses", endpoint.view.at("names"))
    name, zone, own = lost
    held = _answer(zone, own, env)
    found = f"the record {own} of {zone} holds {held}" if held is not None else f"{zone} has no record {own}"
    listed = ", ".join(one.written for one in name.addresses)
    return failed(
        f"{found}; the endpoint answers to {name.host} at {listed}",
        name.at("host"),
        zone=zone,
        record=own,
        address=listed,
    )


def _records_wanted(name: EndpointName, endpoint: WorkspaceEndpoint, env: Environment) -> list[tuple[str, str]]:
    """The zone, where it is declared, in which a name has a record, and what it is called there."""
    found: list[tuple[str, str]] = []
    host = name.host.known.lower().rstrip(".") if name.host is not None else ""
    for need in (need for link in links_of(endpoint.view) for need in needs_of(link, env)):
        for zone in need.zones:
            public = "." + zone.removeprefix("privatelink.")
            if host.endswith(public) and _declared(zone, env):
                found.append((zone, host.removesuffix(public)))
    return list(dict.fromkeys(found))


def _declared(zone: str, env: Environment) -> list[PrivateZone]:
    zones, doubt = zones_among(zone, env)
    if not zones and doubt:
        raise NotEnoughEvidence(doubt)
    return zones


def _answer(zone: str, own: str, env: Environment) -> Text | None:
    """The address by which a zone answers a name: by its own record, else by one with a wildcard above it."""
    labels = own.split(".")
    above = [".".join(["*", *labels[at:]]) for at in range(1, len(labels) + 1)]
    zones = _declared(zone, env)
    if len(zones) > 1:
        raise NotEnoughEvidence.because(f"there are {len(zones)} zones {zone}", f"which of the zones {zone} is asked")
    for wanted in (own, *above):
        record = first(zones[0].records(env), lambda one, wanted=wanted: one.own_name == wanted)  # type: ignore[misc]
        if record is not None:
            if record.doubt:
                raise NotEnoughEvidence(record.doubt)
            held = [one.address for one in record.addresses if one.address is not None]
            if len(held) > 1:
                told = f"the record {record.name} holds {', '.join(one.written for one in held)}"
                raise NotEnoughEvidence.because(told, f"the record {record.name}")
            return held[0] if held else None
    return None
