"""Which audience a model is for."""

from collections.abc import Iterable

from stagegate.rules.audiences import Audience, Selected

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
    group's.
    """
    return next((each for each in audiences if each.selects(kind, name, owner)), None)
