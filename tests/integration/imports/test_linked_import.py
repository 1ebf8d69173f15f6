"""An imported model goes with the card of its package, and comes back with it."""

from pathlib import Path

import pytest

from sandbox.kernel.delays import Delays
from tests.integration.imports import import_environment
from tests.integration.imports.import_environment import GROUP, hosted
from tests.support.linked import Cards
from tests.support.shipped import changed

BASE = changed(
    ('{ stage = "prod" }]', '{ stage = "prod" }, { stage = "hosting" }]'),
    ('opens = ["test"]', "opens = []"),
    ('opens = ["test", "prod"]', "opens = []"),
)


def test_an_archived_card_takes_the_model_with_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_environment, "BASE", BASE)
    with hosted(tmp_path, Delays(cloudtrail=0.3, wait_factor=0.02)) as environment:
        environment.sets("approver", "PendingManualApproval")
        environment.sets("approver", "Approved")
        assert environment.is_open() == (False,) * 4
        cards = Cards(environment.organization, GROUP)
        cards.makes()
        cards.is_approved()
        assert environment.is_open() == (True,) * 4
        cards.sets("Archived")
        assert environment.is_open() == (False,) * 4
