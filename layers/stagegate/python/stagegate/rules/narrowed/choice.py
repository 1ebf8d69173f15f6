"""Which audience a model is for."""

from collections.abc import Iterable
from dataclasses import dataclass

from stagegate.rules.audiences import Audience, Selected

_SELECTED = {
    "model-card": Selected.CARDS,
    "model-package": Selected.GROUPS,
    "model-package-group": Selected.GROUPS,
    "hub": Selected.HUBS,
}
"""What selects each kind of subject. Guardrails and accounts are for nobody in particular."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The audience that a model is for, None for nobody; `contradicts` has the two that claim it then."""

    audience: Audience | None
    contradicts: tuple[str, str] | None = None


def kind_selected(kind: str) -> Selected | None:
    """Return how subjects of a kind are selected (the kinds of `core.arns.Subject`), None for those that never are."""
    return _SELECTED.get(kind)


def choose(
    audiences: Iterable[Audience], kind: Selected, name: str, owner: str, linked: Audience | None = None
) -> Choice:
    """Return the audience of a model: the first one that selects it.

    `name` is a card's, a hub's or a group's. `linked` is the audience of the card that a package is linked with, where
    it has one: it is the package's too, unless its group is for another one by the rules; then nobody is let in.
    """
    own = next((each for each in audiences if each.selects(kind, name, owner)), None)
    if linked is None or own is None or own.name == linked.name:
        return Choice(audience=own or linked)
    return Choice(audience=None, contradicts=(own.name, linked.name))
