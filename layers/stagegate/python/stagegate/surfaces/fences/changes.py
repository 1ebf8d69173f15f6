"""What a fence says of one card: which stages can be behind one, and whether it is raised, lowered or left alone."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from stagegate.approvals.entitlement import Entitled, Entitlement
from stagegate.core.arns import subject_of
from stagegate.core.findings import Finding, Severity, warned
from stagegate.plans.grants import View, open_stages
from stagegate.rules.fence_kind import FenceKind
from stagegate.rules.model import Rules
from stagegate.rules.narrowed.covers import Cover
from stagegate.surfaces.fences.model import (
    EXCEPTED,
    AllowWrites,
    DenyWrites,
    Fence,
    ObservedFence,
    access_of,
    accounts_to_fence,
    excepted_cards,
    fence_of,
)
from stagegate.targets.fences import fence_target


@dataclass(frozen=True, slots=True, kw_only=True)
class FenceChanges:
    """The fences to raise where somebody may write as it is, those that a share waits for which is about to open, and
    those to lower once everything else is done.
    """

    closes: tuple[DenyWrites, ...] = ()
    first: tuple[DenyWrites, ...] = ()
    last: tuple[AllowWrites, ...] = ()


def fence_warnings(rules: Rules, entitlements: Iterable[Entitlement]) -> tuple[Finding, ...]:
    """Return what the fences of these entitlements leave open by their kind: a boundary covers the named roles only."""
    fences = [fence_of(rules, account) for account in accounts_to_fence(rules, entitlements)]
    return tuple(
        warned("FenceCoversRoles", f"In {f.account} only {', '.join(f.roles)} are kept from writing the card.")
        for f in fences
        if f.kind is FenceKind.BOUNDARY
    )


def that_can_be_fenced(
    rules: Rules, entitled: Entitled, fences: Mapping[str, ObservedFence], view: View, blind: Collection[str] = ()
) -> tuple[tuple[Entitlement, ...], tuple[Finding, ...]]:
    """Leave out the stages whose fence can't stand: read-only access without a fence would be write access. Nor does a
    stage open anew behind a fence that nobody could look at; one that is open stays so, unless that was so for too long
    (`blind` are the ids of such targets).

    A stage that may write is none of them, so that no account comes under a fence by what is left out here.
    """
    fenced = accounts_to_fence(rules, entitled.entitlements)
    broken = {
        account: found
        for account in fenced
        if account in fences and (found := [f for f in fences[account].findings if f.severity is Severity.BLOCK])
    }
    unseen = {account for account in fenced if account in fences and fences[account].unseen}
    closed = broken.keys() | {account for account in unseen if fence_target(account) in blind}
    is_open = open_stages(rules, view)
    dropped = {
        e.stage
        for e in entitled.entitlements
        if (closed | (unseen if e.stage not in is_open else set())) & set(rules.stage(e.stage).accounts)
    }
    kept = tuple(e for e in entitled.entitlements if e.stage not in dropped)
    findings = tuple(finding for found in broken.values() for finding in found)
    return kept, (*findings, *fence_warnings(rules, kept))


def fence_changes(
    rules: Rules,
    card_arn: str,
    entitlements: Iterable[Entitlement],
    observed: Mapping[str, ObservedFence],
    view: View,
    *,
    governance_account: str,
) -> FenceChanges:
    """Return what becomes of the fences that were observed, given the card's notes (`View.written`) and who sees it.

    What isn't among the `observed` stays as it is: a plan's scope says whose fence it has to know.
    """
    closes: list[DenyWrites] = []
    first: list[DenyWrites] = []
    last: list[AllowWrites] = []
    access, before, written = access_of(rules, entitlements), view.access(), view.written
    for account, seen in sorted(observed.items()):
        fence = fence_of(rules, account)
        note = written.get(fence_target(account))
        cards = _excepted(fence, seen, card_arn, governance_account)
        stands = cards is not None and card_arn not in cards and note is None
        if access.get(account) is False:
            if not stands or seen.uncovered:
                is_seen = account in before or note is not None
                (closes if is_seen else first).append(
                    DenyWrites(
                        card_arn=card_arn, fence=fence, policy=seen.policy, noted=note is not None, closes=is_seen
                    )
                )
        elif fence.covers is Cover.OTHERS and account in access:
            if cards is None or card_arn not in cards or note != EXCEPTED:
                last.append(AllowWrites(card_arn=card_arn, fence=fence, policy=seen.policy, noted=note is not None))
        elif note is not None or not (stands or _is_bare(fence, seen, card_arn, governance_account)):
            # The document alone: a role that isn't behind it any more is no reason to fail.
            bare, noted = replace(fence, roles=()), note is not None
            if fence.covers is Cover.NONE:
                last.append(AllowWrites(card_arn=card_arn, fence=bare, policy=seen.policy, noted=noted))
            else:
                closes.append(DenyWrites(card_arn=card_arn, fence=bare, policy=seen.policy, noted=noted, closes=True))
    return FenceChanges(closes=tuple(closes), first=tuple(first), last=tuple(last))


def _excepted(fence: Fence, seen: ObservedFence, card_arn: str, governance_account: str) -> frozenset[str] | None:
    """Return the cards that a fence excepts, or None where it doesn't stand."""
    if seen.document is None:
        return None
    partition = subject_of(card_arn).partition
    return excepted_cards(fence, seen.document, partition=partition, governance_account=governance_account)


def _is_bare(fence: Fence, seen: ObservedFence, card_arn: str, governance_account: str) -> bool:
    """Tell whether nothing was ever written there: a member stack makes a boundary that denies nothing."""
    return seen.document is None or (
        fence.kind is FenceKind.BOUNDARY
        and _excepted(replace(fence, covers=Cover.NONE), seen, card_arn, governance_account) is not None
    )
