"""An imported model goes with the card of its package, and comes back with it."""

from pathlib import Path

import pytest

from sandbox.kernel.delays import Delays
from tests.integration.imports import import_environment
from tests.integration.imports.import_environment import GROUP, SHIPPED, hosted
from tests.support.linked import Cards

OPENS = '{ stage = "test" }, { stage = "prod" }]'


def test_an_archived_card_takes_the_model_with_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rules = tmp_path / "rules.toml"
    text = SHIPPED.read_text().replace("after_change =", 'card = "required"\nafter_change =', 1)
    rules.write_text(text.replace(OPENS, OPENS.replace("}]", '}, { stage = "hosting" }]'), 1))
    monkeypatch.setattr(import_environment, "SHIPPED", rules)
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
