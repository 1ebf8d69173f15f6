"""Two releases are deployed over each other, forth and back, while the runs of a guardrail, of a hub and of an import
are held before each of their states. No sweep follows: what was to close is closed by the runs themselves.
"""

import pytest

from stagegate.evidence.model import Kind
from tests.integration.hubs.hub_environment import HUB
from tests.upgrade.states import BY_NAME, CLOSING, DIRECTIONS, IMPORTING, NOT_VERIFIED, failures
from tests.upgrade.upgrades import GUARDRAIL, Upgrades


@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize("number", range(len(IMPORTING)))
def test_a_guardrail_a_hub_and_an_import_survive(environment: Upgrades, number: int, direction: str) -> None:
    assert environment.deployed == DIRECTIONS[direction]
    coming = environment.hosted.packages[2 - environment.turn % 2]
    govern, hold = CLOSING[number % len(CLOSING)], environment.organization.hold
    holds = {
        "guardrail": hold("govern", govern, f"guardrail/{GUARDRAIL}"),
        "hub": hold("govern", govern, f"hub/{HUB}"),
        "import": hold("import-model", IMPORTING[number], coming),
    }
    runs = environment.upgrades_while(holds, environment.changes_one_of_each)
    assert environment.wrong_of_one_each() == [], failures(runs)
    found = failures(runs)
    # The release before can't read the message of an import that ends here: the model is there all the same.
    excused = {"TypeError"} if (direction, IMPORTING[number]) == ("back", "Notify") else set()
    assert set(found) <= BY_NAME | excused, found
    assert environment.drift() == {}
    # What the release before has recorded has no place in a chain.
    assert environment.flaws() <= {Kind.INSERTED}


def test_each_of_them_was_held_before_each_of_its_states(environment: Upgrades) -> None:
    """Or the tests above would have shown nothing."""
    everything = {"guardrail": set(CLOSING) - NOT_VERIFIED, "hub": set(CLOSING), "import": set(IMPORTING)}
    assert environment.met >= {
        (release, what, state) for release in ("old", "new") for what, states in everything.items() for state in states
    }
