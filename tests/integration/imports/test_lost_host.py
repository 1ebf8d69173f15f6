"""The account that hosts an imported model leaves the organization, while the rules still name it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.kernel.delays import Delays
from tests.integration.imports.import_environment import Hosted, hosted
from tests.support.leaving import left


@pytest.fixture
def environment(tmp_path: Path) -> Iterator[Hosted]:
    with hosted(tmp_path, Delays(cloudtrail=0.1, wait_factor=0.02)) as found:
        yield found


def test_a_host_that_leaves_loses_weights_and_key_at_once_and_the_model_once_it_is_entered(
    environment: Hosted,
) -> None:
    environment.sets("approver", "PendingManualApproval")
    environment.sets("approver", "Approved")
    assert environment.is_open() == (True, True, True, True)
    organization = environment.organization
    with left(organization, "hosting"):
        environment.sweeps()
        assert environment.is_open() == (True, True, False, False), "nobody may enter the account any more"
        assert any("AccountOutside" in message for message in environment.heard())
        organization.tell_of_left(organization.accounts["hosting"])
        environment.sweeps()
        assert environment.is_open() == (False, False, False, False)
        assert environment.manual_run().status == "SUCCEEDED"
        assert environment.is_open() == (False, False, False, False), "a run goes by what the sweep has heard"
        organization.tell_of_left()
    environment.sweeps()
    assert environment.is_open() == (True, True, True, True), "it is back"
