"""Every statement that private hubs need is needed: without it a hub isn't made, kept, shared or torn down."""

from collections.abc import Iterator

import pytest

from sandbox.kernel.delays import Delays
from tests.support.hub_place import ALLOWED, HUB, RULES, HubPlace, hub_place
from tests.support.scenes import without

ABSENT = f'{RULES}\nstate = "absent"\n'
STATEMENTS = [
    ("stagegate-apply-hub", "DeleteHubs"),
    ("stagegate-apply-hub", "EmptyHubs"),
    ("stagegate-apply-hub", "MakeHubs"),
    ("stagegate-apply-hub", "ReadHubs"),
    ("stagegate-apply-hub", "WriteReferences"),
    ("stagegate-apply-share", "ShareHubs"),
    ("stagegate-plan", "FindHubPermissions"),
    ("stagegate-plan", "KeepCatalogue"),
    ("stagegate-plan", "ReadHubs"),
    ("stagegate-plan", "ReadPublicHub"),
    ("stagegate-verify", "ReadHubs"),
]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HubPlace]:
    delays = Delays(cloudtrail=0.05, ram_association=0.01, hub=0.01, wait_factor=0.01)
    with hub_place(tmp_path_factory.mktemp("settings"), delays) as opened:
        yield opened


@pytest.fixture(autouse=True)
def torn_down(place: HubPlace) -> Iterator[None]:
    yield
    place.rules(ABSENT)
    assert place.sync().status == "SUCCEEDED"
    assert place.holds() is None


def goes_wrong(place: HubPlace) -> bool:
    """Make, share and tear down a hub into which somebody has put something; tell whether any of it fails."""
    place.rules()
    if place.sync().status != "SUCCEEDED" or place.holds("dev") != ALLOWED:
        return True
    own = {"HubName": HUB, "HubContentType": "Model", "HubContentName": "our-own"}
    place.admin("sagemaker").import_hub_content(**own, DocumentSchemaVersion="2.3.0", HubContentDocument="{}")
    place.rules(ABSENT)
    return place.sync().status != "SUCCEEDED" or place.holds() is not None


def test_with_every_statement_nothing_goes_wrong(place: HubPlace) -> None:
    assert not goes_wrong(place)


@pytest.mark.parametrize(("role", "sid"), STATEMENTS)
def test_a_missing_statement_is_noticed(place: HubPlace, role: str, sid: str) -> None:
    with without(place, (role, sid)):
        assert goes_wrong(place)
