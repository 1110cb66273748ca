"""What is known of Microsoft's list of 2025-10-28, for who has it: `SERVICE_TAGS=FILE pytest -m published`.

The project ships no list. The sums are told by Python's own networks, not by ours.
"""

import ipaddress
import json
import os
from pathlib import Path

import pytest

from mlpreflight.network import addresses, intervals
from mlpreflight.network.intervals import Intervals
from mlpreflight.network.service_tags import ServiceTags, fewest
from mlpreflight.sources.service_tags import read

pytestmark = pytest.mark.published

ML = "AzureMachineLearning"
IN_AZURE_CLOUD = (
    ML,
    "AzureContainerRegistry",
    "AzureKeyVault",
    "AzureMonitor",
    "AzureResourceManager",
    "BatchNodeManagement",
    "MicrosoftContainerRegistry",
)
BEYOND_AZURE_CLOUD = {
    "AzureActiveDirectory": (4, 200),
    "Storage": (5, 495),
    "AzureFrontDoor.Frontend": (22, 90),
    "AzureFrontDoor.FirstParty": (42, 42),
}


@pytest.fixture(scope="module")
def file() -> Path:
    path = Path(os.environ.get("SERVICE_TAGS", ""))
    if not path.name.startswith("ServiceTags_Public_20251028"):
        pytest.skip("SERVICE_TAGS does not name ServiceTags_Public_20251028.json")
    return path


@pytest.fixture(scope="module")
def tags(file: Path) -> ServiceTags:
    return read(file)


@pytest.fixture(scope="module")
def published(file: Path) -> dict[str, list[ipaddress.IPv4Network]]:
    listed = json.loads(file.read_bytes())["values"]
    return {
        one["name"]: [ipaddress.IPv4Network(text) for text in one["properties"]["addressPrefixes"] if ":" not in text]
        for one in listed
    }


def v4(tags: ServiceTags, *names: str) -> Intervals:
    whole = intervals.merged(pair for name in names for pair in tags.numbers(name))
    return intervals.intersection(whole, addresses.ALL_V4)


def test_every_tag_is_what_python_makes_of_it(
    tags: ServiceTags, published: dict[str, list[ipaddress.IPv4Network]]
) -> None:
    for name, networks in published.items():
        fewest_of_python = [str(one) for one in ipaddress.collapse_addresses(networks)]
        assert fewest(v4(tags, name)) == fewest_of_python, name


def test_the_whole_of_azureml_is_more_than_a_cluster_takes(tags: ServiceTags) -> None:
    assert len(fewest(v4(tags, ML))) == 255
    regions = [name for name in tags if name.startswith(f"{ML}.")]
    beside = intervals.difference(v4(tags, ML), v4(tags, *regions))
    assert (len(fewest(beside)), sum(last - first + 1 for first, last in beside)) == (12, 306)


@pytest.mark.parametrize(
    ("tag", "regions", "count"),
    [
        (ML, ("EastUS2", "CentralUS"), 15),
        (ML, ("WestEurope", "NorthEurope"), 14),
        (ML, ("EastUS", "WestUS"), 14),
        ("BatchNodeManagement", ("EastUS2",), 15),
        ("BatchNodeManagement", ("WestEurope",), 37),
    ],
)
def test_regions_have_so_many_prefixes(tags: ServiceTags, tag: str, regions: tuple[str, ...], count: int) -> None:
    assert len(fewest(v4(tags, *(f"{tag}.{region}" for region in regions)))) == count


@pytest.mark.parametrize("tag", [*IN_AZURE_CLOUD, *BEYOND_AZURE_CLOUD])
def test_azure_cloud_does_not_hold_everything(
    tags: ServiceTags, published: dict[str, list[ipaddress.IPv4Network]], tag: str
) -> None:
    outside = [
        one for one in published[tag] if intervals.difference(addresses.prefix(str(one)) or (), v4(tags, "AzureCloud"))
    ]
    assert (len(outside), len(published[tag])) == BEYOND_AZURE_CLOUD.get(tag, (0, len(published[tag])))
