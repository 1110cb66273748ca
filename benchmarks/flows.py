"""The questions that network.py asks: rules, routes and flows of the kinds that Azure has, made from a fixed seed."""

import random
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from mlpreflight.network import addresses, intervals, service_tags
from mlpreflight.network.addresses import ALL_PORTS, ALL_V4, ALL_V6, PROTOCOLS, V6, AddressSet
from mlpreflight.network.intervals import Intervals
from mlpreflight.network.nsg import Flow, Rule


def _words(text: str) -> list[str]:
    return text.split()


NEEDED = _words("""
    AzureMachineLearning AzureActiveDirectory AzureResourceManager MicrosoftContainerRegistry AzureFrontDoor.FirstParty
    Storage.EastUS AzureContainerRegistry.EastUS AzureMonitor AzureKeyVault.EastUS BatchNodeManagement.EastUS Storage
    AzureCloud.EastUS
""")
SERVICES = _words("""
    ActionGroup ApiManagement AppService AzureBackup AzureCloud AzureConnectors AzureContainerRegistry AzureCosmosDB
    AzureEventGrid AzureKeyVault AzureMachineLearning AzureMonitor AzureResourceManager BatchNodeManagement DataFactory
    EventHub GatewayManager HDInsight LogicApps MicrosoftContainerRegistry PowerBI ServiceBus ServiceFabric Sql Storage
""")
REGIONS = _words("""
    AustraliaEast BrazilSouth CanadaCentral CentralIndia CentralUS EastAsia EastUS EastUS2 FranceCentral
    GermanyWestCentral JapanEast KoreaCentral NorthCentralUS NorthEurope NorwayEast SouthAfricaNorth SouthCentralUS
    SoutheastAsia SwedenCentral SwitzerlandNorth UAENorth UKSouth WestEurope WestUS2
""")
TAGS = sorted({*NEEDED, *SERVICES, *(f"{service}.{region}" for service in SERVICES for region in REGIONS)})

PORTS = (22, 53, 80, 123, 443, 445, 1433, 3306, 3389, 5432, 5671, 5831, 6379, 8080, 8443, 8787, 9092, 18881, 27017)
TCP, UDP = frozenset({"tcp"}), frozenset({"udp"})
SUBNETS = [f"10.20.{number}.0/24" for number in range(64)]
LAST = (1 << 32) - 1

Side = tuple[int, int] | tuple[str, ...]
"""A range of numbers, or tags."""
Tile = tuple[Side, Side, Side]
"""Sources, destinations and ports."""


class Route(NamedTuple):
    """Where some addresses lead: on, or nowhere."""

    matches: Flow
    leads_on: bool


class Question(NamedTuple):
    """What becomes of some flows at a group, or on a path: through groups and over routes."""

    label: str
    groups: list[list[Rule]]
    routes: list[Route]
    flows: list[Flow]
    names: list[str]
    """What may stand in sets of addresses as a name."""


def questions(known: Mapping[str, Intervals], workload: str, rules: int, routes: int, flows: int) -> list[Question]:
    """One about a group, one about a path of two groups. `known` are the prefixes of tags; the others are names."""
    maker = Maker(known)
    group, flow = {
        "enterprise": (maker.enterprise, maker.enterprise_flow),
        "hidden denies": (maker.covers, maker.covers_flow),
    }[workload]
    groups, table = [group(rules), group(rules)], maker.routes(routes)
    wanted = [flow() for _ in range(flows)]
    names = maker.names
    return [Question("group", groups[:1], [], wanted, names), Question("path", groups, table, wanted, names)]


def as_json(question: Question) -> dict[str, object]:
    """A question as peers.py reads it."""
    names = {name: at for at, name in enumerate(question.names)}
    protocols = {name: at for at, name in enumerate(sorted(PROTOCOLS))}
    numbers: dict[tuple[int, AddressSet], int] = {}
    sets: list[tuple[int, list[Intervals]]] = []

    def runs(one: AddressSet, places: Mapping[str, int]) -> Intervals:
        return intervals.merged((places[name], places[name]) for name in one.names)

    def number(field: int, one: AddressSet) -> int:
        if (field, one) not in numbers:
            numbers[field, one] = len(sets)
            blocks = [runs(one, protocols)] if field == 0 else [one.numbers]
            if field in (1, 3):
                v6 = intervals.intersection(one.numbers, ALL_V6)
                moved = tuple((first - V6, last - V6) for first, last in v6)
                blocks = [intervals.intersection(one.numbers, ALL_V4), moved, runs(one, names)]
            sets.append((field, blocks))
        return numbers[field, one]

    def product(flow: Flow) -> list[int]:
        ports = AddressSet(flow.source_ports), AddressSet(flow.ports)
        fields = (AddressSet(names=flow.protocols), flow.sources, ports[0], flow.destinations, ports[1])
        return [number(field, one) for field, one in enumerate(fields)]

    stages = [[(rule.allow, product(rule.possible)) for rule in group] for group in question.groups]
    if question.routes:
        stages.append([(route.leads_on, product(route.matches)) for route in question.routes])
    ends = [32, 128, max(1, len(names).bit_length())]
    flows = [product(flow) for flow in question.flows]
    return {"widths": [[3], ends, [16], ends, [16]], "sets": sets, "stages": stages, "flows": flows}


def prefixes(path: Path) -> dict[str, Intervals]:
    """All that a list of service tags has of the tags that rules and flows name, by the tag as it is written here."""
    listed = service_tags.parsed(path.read_bytes(), path.name)
    return {tag: listed.numbers(tag) for tag in TAGS if tag in listed}


class Maker:
    """Draws rules and flows. The draws are the same whatever the tags stand for."""

    def __init__(self, known: Mapping[str, Intervals]) -> None:
        self._lots = random.Random(0)  # noqa: S311 - nothing is secret here, and it must be the same in every run
        self._known = known
        self._hidden: list[Tile] = []
        self._tags: dict[str, AddressSet] = {}
        self.names = [tag for tag in TAGS if tag not in known]
        self.any = AddressSet(intervals.union(ALL_V4, ALL_V6), frozenset(self.names))
        self.network = self._numbers("10.20.0.0/16", "172.16.0.0/12", "168.63.129.16")
        self.internet = self.any - self.network

    def enterprise(self, count: int) -> list[Rule]:
        """Subnets, lists and tags; what is needed among much else; the Internet denied at the end."""
        drawn = [self._needed() if at % 7 == 0 else self._other() for at in range(count - 1)]
        return _numbered([*drawn, (False, Flow(sources=self.any, destinations=self.internet)), *self._defaults()])

    def covers(self, count: int) -> list[Rule]:
        """Denies that four allows before them hide, all but one in five, which a part of an allow is missing for."""
        drawn: list[tuple[bool, Flow]] = []
        while len(drawn) < count:
            whole: Tile = (self._range(LAST), self._somewhere(), self._range(65535))
            tiles = [whole]
            while len(tiles) < 4:
                tiles += self._halves(tiles.pop(self._lots.randrange(len(tiles))))
            self._lots.shuffle(tiles)
            if self._lots.random() < 0.2:
                tiles[0] = self._halves(tiles[0])[0]
            self._hidden.append(whole)
            drawn += [(one is not whole, self._flow(one)) for one in (*tiles, whole)]
        return _numbered([*drawn[:count], (True, Flow(sources=self.any, destinations=self.any))])

    def enterprise_flow(self) -> Flow:
        lots = self._lots
        sources = self._numbers(lots.choice(SUBNETS))
        to = self.tag(lots.choice(NEEDED)) if lots.random() < 0.7 else self._numbers(lots.choice(SUBNETS))
        return Flow(TCP, sources, ALL_PORTS, to, self._ports(lots.choice((443, 443, 443, 5831, 18881, 8787, 445))))

    def covers_flow(self) -> Flow:
        """A part of a hidden deny, or of anything: narrow at one end and wide at the other, or wide everywhere."""
        lots = self._lots
        if lots.random() < 0.5:
            sources, to, ports = (self._part(side) for side in lots.choice(self._hidden))
            return self._flow((sources, to, ports))
        tags = tuple(lots.sample(NEEDED, 3))
        destinations: Side = self._part((0, LAST)) if lots.random() < 0.5 else tags
        return self._flow((self._part((0, LAST)), destinations, self._part((0, 65535))))

    def routes(self, count: int) -> list[Route]:
        """Longer prefixes first, then tags, then what is left: the order in which they win."""
        lots = self._lots
        drawn = sorted((self._public() for _ in range(count - 5)), key=lambda one: -int(one.split("/")[1]))
        ranges = [self._numbers(one) for one in drawn]
        tags = [self.tag(tag) for tag in lots.sample(NEEDED, 3)]
        own = self._numbers("10.20.0.0/16")
        found = [(own, True), *((one, lots.random() < 0.9) for one in (*ranges, *tags)), (self.any, True)]
        return [Route(Flow(sources=self.any, destinations=to), leads_on) for to, leads_on in found]

    def tag(self, name: str) -> AddressSet:
        """The prefixes of a tag; without them, its name and those of its regions."""
        if name not in self._tags:
            numbers = self._known.get(name)
            inner = (one for one in self.names if one == name or one.startswith(f"{name}."))
            self._tags[name] = AddressSet(names=frozenset(inner)) if numbers is None else AddressSet(numbers)
        return self._tags[name]

    def _needed(self) -> tuple[bool, Flow]:
        lots = self._lots
        sources = (self.any, self.network, self._numbers(lots.choice(SUBNETS)), self._numbers("10.20.0.0/18"))
        ports = self._ports(443) if lots.random() < 0.7 else self._ports(443, 5831, 18881, 8787, 445)
        protocols, to = lots.choice((TCP, TCP, PROTOCOLS)), self.tag(lots.choice(NEEDED))
        return lots.random() < 0.85, Flow(protocols, lots.choice(sources), ALL_PORTS, to, ports)

    def _other(self) -> tuple[bool, Flow]:
        lots = self._lots
        protocols = lots.choices((TCP, UDP, PROTOCOLS), (6, 2, 2))[0]
        hosts = [f"10.20.{lots.randrange(256)}.{lots.randrange(256)}" for _ in range(lots.randint(1, 20))]
        sources = (self.any, self._numbers(lots.choice(SUBNETS)), self.network, self._numbers(*hosts))
        source = lots.choices(sources, (40, 30, 15, 15))[0]
        listed = [self._public() for _ in range(lots.randint(2, 40))]
        inside, outside = lots.choice(SUBNETS), f"172.{lots.randrange(16, 32)}.0.0/16"
        kind = lots.choices(range(5), (50, 25, 10, 7, 8))[0]
        to = self.any if kind == 4 else self.tag(lots.choice(TAGS))
        if kind in (1, 2, 3):
            to = self._numbers(*((inside,), listed, (outside,))[kind - 1])
        first = lots.randrange(60000)
        ranges = (
            self._ports(lots.choice(PORTS)),
            self._ports(*lots.sample(PORTS, lots.randint(2, 6))),
            ((first, first + lots.randrange(1, 5000)),),
            ALL_PORTS,
        )
        # A rule for everything would leave the others nothing to do.
        ports = lots.choices(ranges, (40, 20, 15, 0 if to is self.any else 25))[0]
        return lots.random() < 0.65, Flow(protocols, source, ALL_PORTS, to, ports)

    def _defaults(self) -> list[tuple[bool, Flow]]:
        return [
            (True, Flow(sources=self.network, destinations=self.network)),
            (True, Flow(sources=self.any, destinations=self.internet)),
            (False, Flow(sources=self.any, destinations=self.any)),
        ]

    def _public(self) -> str:
        bits = self._lots.choice((12, 16, 20, 24, 28, 32))
        return f"{self._lots.randrange(11, 223)}.{'.'.join(str(self._lots.randrange(256)) for _ in range(3))}/{bits}"

    def _range(self, last: int) -> tuple[int, int]:
        width = int(last * self._lots.choice((0.05, 0.1, 0.3)))
        first = self._lots.randrange(last - width + 1)
        return first, first + width

    def _part(self, side: Side) -> Side:
        if isinstance(side[0], str):
            return tuple(self._lots.sample(side, min(3, len(side))))
        first, last = side
        width = int((last - first) * self._lots.choice((0.001, 0.02, 0.1)))
        begin = self._lots.randrange(first, last - width + 1)
        return begin, begin + width

    def _somewhere(self) -> Side:
        return self._range(LAST) if self._lots.random() < 0.5 else tuple(self._lots.sample(TAGS, 8))

    def _halves(self, tile: Tile) -> list[Tile]:
        at = self._lots.randrange(3)
        return [(*tile[:at], half, *tile[at + 1 :]) for half in self._cut(tile[at])]  # type: ignore[misc]

    def _cut(self, side: Side) -> list[Side]:
        if isinstance(side[0], str):
            middle = self._lots.randrange(1, len(side)) if len(side) > 1 else 1
            return [half for half in (side[:middle], side[middle:]) if half]
        first, last = side
        middle = self._lots.randrange(first, last) if first < last else last
        return [(one, other) for one, other in ((first, middle), (middle + 1, last)) if one <= other]

    def _flow(self, tile: Tile) -> Flow:
        sources, to, ports = (self._set(side) for side in tile)
        return Flow(TCP, sources, ALL_PORTS, to, ports.numbers)

    def _set(self, side: Side) -> AddressSet:
        found = AddressSet()
        for tag in side:
            if not isinstance(tag, str):
                return AddressSet((side,))
            found |= self.tag(tag)
        return found

    @staticmethod
    def _numbers(*texts: str) -> AddressSet:
        return AddressSet(intervals.merged(pair for text in texts for pair in addresses.prefix(text) or ()))

    @staticmethod
    def _ports(*numbers: int) -> Intervals:
        return intervals.merged((number, number) for number in numbers)


def _numbered(drawn: list[tuple[bool, Flow]]) -> list[Rule]:
    return [Rule(f"rule {at}", at, allow, flow, flow) for at, (allow, flow) in enumerate(drawn, 1)]
