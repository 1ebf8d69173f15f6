"""What of a package's access the cards that speak for it let stand."""

from collections.abc import Collection
from dataclasses import replace

from stagegate.approvals.entitlement import Entitled, Entitlement
from stagegate.core.card_link import CardLink
from stagegate.core.findings import Finding, blocked, warned
from stagegate.links.about import opens
from stagegate.links.bound import binding, is_free
from stagegate.links.findings import (
    closed,
    conflict,
    elsewhere,
    for_others,
    later,
    let_go,
    missing,
    not_bound,
    too_many,
    unread,
)
from stagegate.links.link import MOST_NEW, Link

_MISSING = ("CardMissing", "CardUnread")


def followed(entitled: Entitled, link: Link, rule: CardLink, open_stages: Collection[str]) -> Entitled:
    """Return what a package is entitled to and its card lets stand.

    In a conflict nothing opens that isn't open, and what is open stays as far as the card that it was opened by still
    speaks for it and opens that stage. What was open before cards counted closes for want of one when it is looked at
    for the second time: the runs of the cards say which packages they name, and may come later.

    A stage that is open without a card stays so, while no card that speaks for the package has been approved for it:
    a draft closes nothing, but nothing else opens beside it.
    """
    if rule is CardLink.IGNORED:
        return entitled
    kept, findings = [], [elsewhere(link.elsewhere)] if link.elsewhere else []
    for entitlement in entitled.entitlements:
        finding = _objection(link, rule, entitlement, open_stages)
        is_unbound = is_free(link, rule, entitlement.stage, open_stages) and binding(link, entitlement) is None
        if finding and is_unbound:
            findings.append(not_bound(finding.detail, entitlement.stage))
            finding = None
        if finding and finding.code in _MISSING and link.is_first and entitlement.stage in open_stages:
            finding = None
            findings.append(later(entitlement.stage))
        if finding is None:
            kept.append(entitlement)
        else:
            findings.append(finding)
    if link.is_conflict and not any(each.code == "CardConflict" for each in findings):
        findings.append(warned("CardConflict", conflict(link.speaking)))
    if (link.unread or link.left_out) and not any(each.code == "CardUnread" for each in findings):
        findings.append(unread(link.unread, link.left_out))
    if len(link.new) > MOST_NEW:
        findings.append(too_many(len(link.new), MOST_NEW))
    return replace(entitled, entitlements=tuple(kept), findings=(*entitled.findings, *findings))


def _objection(link: Link, rule: CardLink, entitlement: Entitlement, open_stages: Collection[str]) -> Finding | None:
    """Return what keeps a stage closed. Cards that nobody could ask open nothing, and take nothing that is open."""
    stage = entitlement.stage
    found = _of_those_read(link, rule, entitlement, open_stages)
    if stage in open_stages:
        return None if link.is_before_unread else found
    is_unsure = link.unread or link.left_out
    return (
        unread(link.unread, link.left_out, stage) if is_unsure and (found is None or found.code in _MISSING) else found
    )


def _of_those_read(
    link: Link, rule: CardLink, entitlement: Entitlement, open_stages: Collection[str]
) -> Finding | None:
    stage = entitlement.stage
    if link.is_conflict:
        bound = binding(link, entitlement) if is_free(link, rule, stage, open_stages) else None
        holder = bound.arn if bound else link.holder(stage)
        ours = [word for word in link.speaking if word.arn == holder and word.audience == link.audience]
        keeps = any(opens(word, link.package, stage, keeping=True) for word in ours)
        return None if keeps and stage in open_stages else blocked("CardConflict", conflict(link.speaking), stage)
    if link.card and link.card.audience != link.audience:
        return for_others(link.card, stage)
    if link.card:
        is_opened = opens(link.card, link.package, stage, keeping=stage in open_stages)
        return None if is_opened else closed(link.card, stage)
    if rule is CardLink.REQUIRED and link.others:
        return for_others(link.others[0], stage)
    if rule is CardLink.REQUIRED:
        return missing(link.package.group, stage)
    return _let_go(link, stage)


def _let_go(link: Link, stage: str) -> Finding | None:
    """Return the finding for a package whose card has gone, or doesn't name it any more and isn't approved like that.

    To delete a card, or to edit it, would else open what it had closed.
    """
    before = next((word for word in link.looked_at if word.arn == link.before), None)
    if before is None or before in link.unread or link.lets_go(stage):
        return None
    if before.error or before in link.others:
        return for_others(before, stage)
    return let_go(before, stage)
