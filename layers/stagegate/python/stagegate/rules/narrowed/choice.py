"""Which audience a model is for."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from stagegate.rules.audiences import Audience, Claim, Selected

if TYPE_CHECKING:
    from stagegate.core.arns import Subject

_SELECTED = {
    "model-card": Selected.CARDS,
    "model-package": Selected.GROUPS,
    "model-package-group": Selected.GROUPS,
    "hub": Selected.HUBS,
}
"""What selects each kind of subject. Guardrails and accounts are for nobody in particular."""


def kind_selected(kind: str) -> Selected | None:
    """Return how subjects of a kind are selected (the kinds of `core.arns.Subject`), None for those that never are."""
    return _SELECTED.get(kind)


def choose(audiences: Iterable[Audience], kind: Selected, name: str, owner: str) -> Audience | None:
    """Return the audience of a model, the first one that selects it; None for nobody. `name` is a card's, a hub's or a
    group's. Where it rests on a tag that doesn't count whether one selects it, it is for nobody: a later audience could
    be one that it was never meant for.
    """
    found = _first(audiences, kind, name, owner)
    return found if found and found.claim(kind, name, owner) is Claim.YES else None


def unsettled_by(audiences: Iterable[Audience], kind: Selected, name: str, owner: str) -> Audience | None:
    """Return the audience that keeps a model from all others because its tag doesn't count, None for none."""
    found = _first(audiences, kind, name, owner)
    return found if found and found.claim(kind, name, owner) is Claim.UNSETTLED else None


def rests_on_tag(audiences: Iterable[Audience], subject: "Subject") -> bool:
    """Tell whether a tag that nothing is known of decides whom a subject is for."""
    kind = kind_selected(subject.kind)
    return kind is Selected.CARDS and unsettled_by(audiences, kind, subject.name, subject.account) is not None


def _first(audiences: Iterable[Audience], kind: Selected, name: str, owner: str) -> Audience | None:
    return next((each for each in audiences if each.claim(kind, name, owner) is not Claim.NO), None)
