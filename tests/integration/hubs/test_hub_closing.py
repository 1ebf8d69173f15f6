"""Of what a hub loses, what can't be taken away keeps nothing else open; the sweep counts it, and takes it away."""

import json
from collections.abc import Iterator
from itertools import combinations

import pytest

from sandbox.kernel.delays import Delays
from sandbox.kernel.wire.failures import failures
from tests.integration.hubs.hub_environment import ALLOWED, HUB, RULES, HubEnvironment, hub_environment

pytestmark = pytest.mark.slow

SHARES = 'shares = [{ stage = "dev", access = "use" }, { stage = "prod", access = "read" }]\nmost_removed_percent = 60'
LESS = RULES.replace('["*-vision"]', '["*-vision", "*-small"]').replace(SHARES, "most_removed_percent = 100")
"""A model goes, and no stage has the hub any more."""
NAMED = {"HubName": HUB, "HubContentName": "ai21-jamba-mini", "HubContentType": "ModelReference"}
BREAKS = {
    "the removal": ("sagemaker", "DeleteHubContentReference", 20),
    "the minimum": ("sagemaker", "UpdateHubContentReference", 20),
    "one share": ("ram", "DisassociateResourceShare", 1),
}
SAYS = {"the removal": "remove meta-llm-small", "the minimum": "ai21-jamba-mini", "one share": "open for "}


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HubEnvironment]:
    delays = Delays(cloudtrail=0.05, ram_association=0.02, hub=0.02, wait_factor=0.02)
    with hub_environment(tmp_path_factory.mktemp("settings"), delays) as opened:
        yield opened


def is_open(environment: HubEnvironment) -> list[str]:
    """What the new rules don't let in, found out by looking."""
    minimum = environment.admin("sagemaker").describe_hub_content(**NAMED)["ReferenceMinVersion"]
    found = {
        "the removal": "meta-llm-small" in (environment.holds() or ()),
        "the minimum": minimum != "1.1.0",
        "one share": None in (shared := [environment.holds("dev"), environment.holds("prod")]) and any(shared),
        "both shares": None not in shared,
    }
    return [name for name, is_so in found.items() if is_so]


@pytest.mark.parametrize("broken", [*combinations(BREAKS, 1), *combinations(BREAKS, 2)], ids=" and ".join)
def test_what_can_be_closed_is_closed_whatever_cannot(environment: HubEnvironment, broken: tuple[str, ...]) -> None:
    environment.rules()
    environment.outcome(force=True)
    assert environment.holds("dev") == environment.holds("prod") == ALLOWED
    environment.rules(LESS)
    environment.admin("sagemaker").update_hub_content_reference(**NAMED, MinVersion="1.0.0")  # by somebody's hand
    for service, operation, times in map(BREAKS.__getitem__, broken):
        failures.plan(service, operation, "AccessDeniedException", times=times)
    run = environment.sync()
    failures.clear()
    assert (run.status, run.error) == ("FAILED", "StillOpenError")
    assert is_open(environment) == list(broken)
    said = json.loads(run.cause or "{}")["errorMessage"]
    assert len(said.splitlines()) == len(broken), said
    assert "stackTrace" not in said
    assert all(SAYS[each] in said and "AccessDeniedException" in said for each in broken), said
    assert environment.sweep()["to_close"] == len(broken), "what the gauge has, of before the sweep closes it"
    assert is_open(environment) == []
    assert environment.sweep()["to_close"] == 0
