"""Whose word each open stage of a package rests on: a card's, or none, while no card has been approved for it."""

from collections.abc import Collection

from stagegate.approvals.entitlement import Entitled, Entitlement
from stagegate.core.card_link import CardLink
from stagegate.links.about import is_about
from stagegate.links.link import Link
from stagegate.links.word import Word


def is_free(link: Link, rule: CardLink, stage: str, open_stages: Collection[str]) -> bool:
    """Tell whether a stage is open by the package's own status alone, as it came before any card that speaks for it."""
    is_known = rule is CardLink.IF_LINKED and not link.is_first
    return is_known and stage in open_stages and not link.holder(stage)


def binding(link: Link, entitlement: Entitlement) -> Word | None:
    """Return the card that speaks for a package and whose approval for a stage is about it: who writes a card closes
    nothing by it, who approves it has said that the package follows it. Of several, the first by name.

    A stage that asks for no approval goes by one for any stage; where the rules have no approvers at all, by what the
    card opens.
    """
    found = (word for word in link.speaking if _binds(word, link, entitlement))
    return min(found, key=lambda word: word.arn, default=None)


def held_by(link: Link, rule: CardLink, entitled: Entitled, open_stages: Collection[str]) -> dict[str, str]:
    """Return whose word each stage rests on that is let in, or is open still: the ARN of a card, "" for none."""
    first = min((word.arn for word in link.speaking), default="") if link.is_first else ""
    still = {stage: first or link.holder(stage) for stage in open_stages}
    return still | {each.stage: _holder(link, rule, each, open_stages) for each in entitled.entitlements}


def _holder(link: Link, rule: CardLink, entitlement: Entitlement, open_stages: Collection[str]) -> str:
    if is_free(link, rule, entitlement.stage, open_stages):
        card = binding(link, entitlement)
        return card.arn if card else ""
    if link.card and not link.is_before_unread:
        return link.card.arn
    if link.is_first and link.unread:
        return min(word.arn for word in link.unread)
    if link.speaking or link.unread or link.left_out:
        return link.holder(entitlement.stage)
    return ""


def _binds(word: Word, link: Link, entitlement: Entitlement) -> bool:
    about = [o for o in word.openings if not o.only_keeps and is_about(word, o.names, link.package)]
    if not link.asks_approvers:
        return any(o.stage == entitlement.stage for o in about)
    return any(o.approval and (entitlement.approval is None or o.stage == entitlement.stage) for o in about)
