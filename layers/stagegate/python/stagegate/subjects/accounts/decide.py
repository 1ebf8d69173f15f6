"""The plan for an account: what lies there that nobody on record wants is taken out."""

from dataclasses import replace

from stagegate.plans.blindness import Unseen
from stagegate.plans.change import Change
from stagegate.plans.decision import WITHDRAWN, Basis, Decision
from stagegate.plans.plan import Plan, conclude
from stagegate.rules.fence_kind import FenceKind
from stagegate.rules.narrowed.covers import Cover
from stagegate.subjects.accounts.findings import lost_roles
from stagegate.subjects.accounts.model import Observed
from stagegate.surfaces.fences.model import RemoveFence, excepted_cards
from stagegate.surfaces.shares.changes import RemoveShare
from stagegate.targets.target import CloseTarget

GOVERNED = "Governed"
"""What an account's status is called: it has no other."""


def account_plan(
    basis: Basis, seen: Observed, unseen: tuple[Unseen, ...] = (), looked_at: frozenset[str] = frozenset()
) -> Plan:
    """Return the plan for an account from one observation, and say what of it could not be looked at.

    Statements and grants of ours that no subject on record wants close, and count as one each: a sweep asks before it
    closes many. Once Stagegate is withdrawn, empty shares go too, and fences, each after the last card that its account
    can see: a fence is all that keeps such a card from being changed.
    """
    subject = basis.subject
    odd = [target for target in seen.targets if not seen.seen[target.id].in_sync and not seen.seen[target.id].unseen]
    closes: list[Change] = [CloseTarget(subject_arn=subject.arn, target=target) for target in odd]
    lowers, waiting = _lowers(basis, seen)
    decision = Decision(
        subject=subject,
        status=WITHDRAWN if basis.rules.is_withdrawn else GOVERNED,
        changes=(*closes, *lowers),
        findings=(*(f for target in seen.targets for f in seen.seen[target.id].findings), *lost_roles(seen.lost_roles)),
        waiting=waiting,
        unseen=unseen,
        looked_at=looked_at,
        documents=tuple(line for target in seen.targets for line in seen.seen[target.id].lines),
    )
    made = conclude(basis, decision)
    gone = sum(max(1, sum(": - " in line for line in seen.seen[target.id].lines)) for target in odd)
    counts = replace(made.grant_counts, open=made.grant_counts.open + gone, closes=gone)
    return replace(made, grant_counts=counts)


def _lowers(basis: Basis, seen: Observed) -> tuple[list[Change], tuple[str, ...]]:
    """Return the shares and the fence that go, and what one of them waits for."""
    is_withdrawn = basis.rules.is_withdrawn
    changes: list[Change] = []
    if is_withdrawn and seen.owns_shares:
        changes += [RemoveShare(stage=s.stage, share_arn=s.arn) for s in seen.shares if not s.holds]
    if not _stands(basis, seen) or (seen.is_fenced and not is_withdrawn):
        return changes, ()
    account = seen.fence.account
    if any(share.holds and account in share.accounts for share in seen.shares):
        return changes, (f"the fence of account {account} goes once no card is shared with it",)
    return [*changes, RemoveFence(account_arn=basis.subject.arn, fence=seen.fence, policy=seen.standing.policy)], ()


def _stands(basis: Basis, seen: Observed) -> bool:
    """Tell whether something of the fence is there: the policy, or for a boundary also a role that has it."""
    standing, fence = seen.standing, seen.fence
    if standing.unseen or standing.document is None:
        return False
    if fence.kind is FenceKind.SCP:
        return True
    behind = len(fence.roles) - len(standing.uncovered) - len(standing.findings)
    bare, subject = replace(fence, covers=Cover.NONE), basis.subject
    is_bare = excepted_cards(bare, standing.document, partition=subject.partition, governance_account=subject.account)
    return behind > 0 or is_bare is None
