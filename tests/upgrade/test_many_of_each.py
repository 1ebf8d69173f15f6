"""Two releases are deployed over each other, forth and back, while runs of cards, of packages and of sweeps are held,
one before each state. No sweep follows: what was to close is closed by the runs themselves.
"""

import pytest

from tests.upgrade.states import BY_NAME, CLOSING, DIRECTIONS, NOT_VERIFIED, OPENING, SWEEPING, failures
from tests.upgrade.upgrades import Upgrades


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_sweeps_survive_or_fail_by_name(environment: Upgrades, direction: str) -> None:
    assert environment.deployed == DIRECTIONS[direction]

    def happens() -> None:
        environment.takes_off()
        for _ in SWEEPING:
            environment.starts("SweepStateMachine")
            environment.settles()

    holds = {f"sweep {state}": environment.organization.hold("sweep", state, "{}") for state in SWEEPING}
    runs = environment.upgrades_while(holds, happens)
    found = failures(runs)
    assert set(found) <= BY_NAME, found
    environment.run(environment.starts("SweepStateMachine"))
    assert environment.drift() == {}


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_cards_and_packages_open_and_close_all_the_same(environment: Upgrades, direction: str) -> None:
    assert environment.deployed == DIRECTIONS[direction]
    closing = {f"{direction}-closes-{number}": state for number, state in enumerate(CLOSING)}
    opening = {f"{direction}-opens-{number}": state for number, state in enumerate(OPENING)}
    packages = environment.registers(2 * len(CLOSING))
    rejected, approved = (
        dict(zip(half, states, strict=True)) for half, states in ((packages[::2], CLOSING), (packages[1::2], OPENING))
    )
    environment.creates_cards(closing, "Draft")
    environment.creates_cards(opening, "Archived")
    environment.settles()
    environment.sets_packages(rejected, "Approved")
    environment.settles()
    assert environment.seen([*closing, *opening]) == set(closing)
    assert environment.opened(packages) == set(rejected)

    def happens() -> None:
        environment.sets_cards(closing, "Archived")
        environment.sets_cards(opening, "Draft")
        environment.sets_packages(rejected, "Rejected")
        environment.sets_packages(approved, "Approved")

    kinds = (("closes", closing), ("opens", opening), ("package closes", rejected), ("package opens", approved))
    holds = {
        f"{kind} {state}": environment.organization.hold("govern", state, f'{name}"')
        for kind, states in kinds
        for name, state in states.items()
    }
    runs = environment.upgrades_while(holds, happens)
    found = failures(runs)
    assert environment.seen([*closing, *opening]) == set(opening), found
    assert environment.opened(packages) == set(approved), found
    assert set(found) <= BY_NAME, found
    assert environment.drift() == {}


def test_each_of_them_was_held_before_each_of_its_states(environment: Upgrades) -> None:
    """Or the tests above would have shown nothing."""
    expected = {
        *(f"sweep {state}" for state in SWEEPING),
        *(f"{kind} {state}" for kind in ("closes", "opens") for state in {"closes": CLOSING, "opens": OPENING}[kind]),
        *(f"package closes {state}" for state in CLOSING if state not in NOT_VERIFIED),
        *(f"package opens {state}" for state in OPENING if state not in NOT_VERIFIED),
    }
    met = {(release, what) for release, what, _ in environment.met}
    assert met >= {(release, what) for release in ("old", "new") for what in expected}
