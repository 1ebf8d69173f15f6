"""Of what an import leaves open, what can't be closed keeps nothing else open; the sweep counts it, and closes it."""

import json
from collections.abc import Iterator
from itertools import combinations

import pytest

from sandbox.kernel.delays import Delays
from sandbox.kernel.wire.failures import failures
from tests.integration.imports.import_environment import Hosted, hosted

pytestmark = pytest.mark.slow

PARTS = ("the model", "the role", "the bucket", "the key")
BREAKS = {
    "the model": ("bedrock", "DeleteImportedModel", "AccessDeniedException"),
    "the role": ("iam", "DeleteRole", "AccessDenied"),
    "the bucket": ("s3", "DeleteBucketPolicy", "AccessDenied"),
    "the key": ("kms", "RevokeGrant", "AccessDeniedException"),
}
SAYS = {
    "the model": "imported model mistral-1",
    "the role": "execution role",
    "the bucket": "bucket model-artifacts-weights",
    "the key": "close key ",
}


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hosted]:
    with hosted(tmp_path_factory.mktemp("settings"), Delays(cloudtrail=0.3, wait_factor=0.02)) as found:
        yield found


def is_open(environment: Hosted) -> list[str]:
    return [name for name, is_so in zip(PARTS, environment.is_open(), strict=True) if is_so]


@pytest.mark.parametrize("broken", [*combinations(BREAKS, 1), *combinations(BREAKS, 2)], ids=" and ".join)
def test_what_can_be_closed_is_closed_whatever_cannot(environment: Hosted, broken: tuple[str, ...]) -> None:
    environment.sets("approver", "PendingManualApproval")
    environment.sets("approver", "Approved")
    assert is_open(environment) == list(PARTS)
    before = len(environment.organization.executions())
    for service, operation, error in map(BREAKS.__getitem__, broken):
        failures.plan(service, operation, error, times=20)
    environment.sets("approver", "Rejected")
    failures.clear()
    failed = [run for run in environment.organization.executions()[before:] if run.status != "SUCCEEDED"]
    assert {run.error for run in failed} == {"StillOpenError"}
    assert is_open(environment) == list(broken)
    said = json.loads(failed[0].cause or "{}")["errorMessage"]
    assert len(said.splitlines()) == len(broken), said
    assert all(SAYS[each] in said for each in broken), said
    assert said.count("open for hosting (") == len(broken)
    found = json.loads(environment.sweeps().output or "{}")["totals"]["to_close"]
    # A grant on a key that nobody wants there any more is its account's to close as well: that is one more.
    assert found == len(broken) + ("the key" in broken), "what the gauge has, of before the sweep closes it"
    assert is_open(environment) == []
    assert json.loads(environment.sweeps().output or "{}")["totals"]["to_close"] == 0
