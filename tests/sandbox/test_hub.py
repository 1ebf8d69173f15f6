"""A private hub holds exactly the models that the rules let in, for the stages that they name."""

from collections.abc import Iterator

import pytest

from sandbox.delays import Delays
from tests.support.hub_place import ALLOWED, HubPlace, hub_place


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HubPlace]:
    delays = Delays(cloudtrail=0.05, ram_association=0.02, hub=0.02, wait_factor=0.02)
    with hub_place(tmp_path_factory.mktemp("settings"), delays) as opened:
        yield opened


def test_the_first_sync_makes_the_hub_and_shares_it(place: HubPlace) -> None:
    assert place.holds() is None
    shown = place.sync(mode="plan")
    assert shown.status == "SUCCEEDED", (shown.error, shown.cause)
    assert "make the hub" in str(shown.output)
    assert place.holds() is None
    run = place.sync()
    assert run.status == "SUCCEEDED", (run.error, run.cause)
    assert place.holds() == ALLOWED
    assert place.holds("dev") == ALLOWED
    assert place.holds("prod") == ALLOWED
    assert place.holds("test") is None
    assert sorted(place.writes()) == sorted(
        ["CreateHub", *3 * ["CreateHubContentReference"], *2 * ["CreateResourceShare", "AssociateResourceShare"]]
    )
