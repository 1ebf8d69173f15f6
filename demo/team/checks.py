"""What a step of the teams is looked at for, beside what every step is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from demo.story import Aftermath, Check, Finding
from demo.team.observers import TeamObservers
from demo.team.seeding import model_arn
from demo.team.teams import Team

if TYPE_CHECKING:
    from sandbox.stagegate.organization import Organization


def administrators_see_nothing(observers: TeamObservers) -> Check:
    """Check that no administrator of one team's accounts may do anything with what is the other's."""

    def check(_: Aftermath) -> Finding:
        looked = {observer: observers.look(observer) for observer in observers.administrators()}
        beyond = [f"{observer.stages}: {access.others}" for observer, access in looked.items() if access.others]
        said = f"of the other team's, no administrator of the {len(looked)} accounts may do anything"
        return Finding(said, f"administrators may: {', '.join(beyond)}" if beyond else said, ok=not beyond)

    return check


def imported(organization: Organization, there: dict[Team, bool]) -> Check:
    """Check which teams have a model in Bedrock."""

    def check(_: Aftermath) -> Finding:
        def said(are: dict[Team, bool]) -> str:
            return f"in Bedrock: {', '.join(team.imported for team, is_there in are.items() if is_there) or 'no model'}"

        found = {team: model_arn(organization, team) is not None for team in there}
        return Finding(said(there), said(found), ok=found == there)

    return check
