"""What a card's run leaves for its packages: its word, and which packages it names."""

from collections.abc import Iterable
from dataclasses import replace

from stagegate.approvals.entitlement import Entitled
from stagegate.core.card_link import CardLink
from stagegate.links.linking import Linking
from stagegate.links.word import WORD, left_to_packages, missing, named_before, without_word
from stagegate.plans.decision import Basis, Decision
from stagegate.rules.model import Rules
from stagegate.subjects.cards.model import Card


def asks_cards(rules: Rules) -> bool:
    """Tell whether the rules let a package open where its card does."""
    return rules.packages is not None and rules.packages.by_card is not CardLink.IGNORED


def with_links(basis: Basis, card: Card | None, entitled: Entitled, decision: Decision) -> Decision:
    """Return a decision about a card with what becomes of its links."""
    before, state = basis.view.planner_state, without_word(decision.planner_state)
    asks = asks_cards(basis.rules)
    if asks and card:
        contents = {e.stage: e.approval.content_hash if e.approval else None for e in entitled.entitlements}
        state |= left_to_packages(
            before,
            status=card.status,
            names=card.names,
            content_hash=card.content_hash,
            openings={g.stage: (g.approval, contents.get(g.stage)) for g in decision.grants if not g.target},
        )
    home = basis.subject.arn.rpartition(":model-card/")[0]
    names, known = _of(home, named_before(state)), _of(home, named_before(before))
    linking = Linking(
        named=missing(names, known),
        unnamed=missing(known, names),
        starts=asks and before.get(WORD) != state.get(WORD),
    )
    return replace(decision, planner_state=state, linking=linking)


def _of(home: str, names: Iterable[str]) -> tuple[str, ...]:
    """Return the packages of the card's own account and Region: it speaks for no other, and no run here is theirs."""
    return tuple(each for each in names if each.startswith(f"{home}:"))
