"""The story of two teams, made ready to be played."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from demo.prepare import PreparedStory
from demo.team.actions import Actions, State
from demo.team.observers import LEGEND, TeamObservers
from demo.team.scenario import team
from demo.team.seeding import seed
from demo.team.teams import Team, read

if TYPE_CHECKING:
    from sandbox.stagegate.organization import Organization

RULES = Path(__file__).with_name("two_teams.toml")


def prepare(organization: Organization, settings: Path, *, judged: bool) -> PreparedStory:  # noqa: ARG001
    """Return the story by the rules of `settings`, which are `RULES`. Its runs have no limits: they serve two teams at
    a time.
    """
    teams = read(settings)
    observers = TeamObservers(organization, settings, teams, seed(organization, teams))
    actions = Actions(organization, teams, observers, {team.name: State() for team in teams})
    return PreparedStory("model", "both teams' models", observers, team(actions), tuple(_opening(teams)), LEGEND)


def _opening(teams: Sequence[Team]) -> Iterator[str]:
    for each in teams:
        accounts = "  ".join(f"{stage} {account}" for stage, account in each.stages.items())
        yield f"  team {each.name:<8}{accounts}   approver {each.approver}"
    yield "  Cards are required: a version opens where its team's card of the same name does."
    yield from LEGEND
