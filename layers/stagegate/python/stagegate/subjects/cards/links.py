"""What a card's run leaves for its packages: its word, and which packages it names."""

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
    names = named_before(state)
    linking = Linking(
        named=missing(names, named_before(before)),
        unnamed=missing(named_before(before), names),
        starts=asks and before.get(WORD) != state.get(WORD),
    )
    return replace(decision, planner_state=state, linking=linking)
