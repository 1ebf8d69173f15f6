"""An approved package becomes a model in Bedrock, in another account; a rejected one goes with all that it needed."""

from collections.abc import Iterator

import pytest

from sandbox.delays import Delays
from tests.support.importing import Hosted, hosted

OPEN, CLOSED = (True,) * 4, (False,) * 4


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hosted]:
    delays = Delays(cloudtrail=0.2, model_import=0.2, wait_factor=0.02)
    with hosted(tmp_path_factory.mktemp("settings"), delays) as found:
        yield found


def test_an_approved_package_is_imported_and_a_rejected_one_goes(place: Hosted) -> None:
    assert place.is_open() == CLOSED
    place.sets("governance", "Approved")
    assert place.is_open() == CLOSED, "its owner is no approver"
    place.sets("approver", "PendingManualApproval")
    place.sets("approver", "Approved")
    runs = [(run.status, run.error, run.cause) for run in place.organization.executions()]
    assert [run for run in runs if run[0] != "SUCCEEDED"] == []
    assert place.is_open() == OPEN, place.heard()[-1]
    assert place.models() == ["mistral-1"]
    assert any("ModelConsumer has invoked it" in said for said in place.heard())
    place.sets("approver", "Rejected")
    assert place.is_open() == CLOSED
    assert [run.cause for run in place.organization.executions() if run.status == "FAILED"] == []
