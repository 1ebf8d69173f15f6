"""Fences: the denies that make a stage's access read-only, because no RAM permission for cards is.

A fence stands in an account, so it depends on every stage there: an account is fenced for a card when some stage in
it sees the card and none of them may write it. Where no status gives anything in an account write access, its fence
covers every card of the governance account and never changes. Else it lists the cards that are read-only now.
"""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from .arns import subject_of
from .documents import canonical
from .entitlements import Entitlement
from .findings import Finding, warned
from .rules import FenceKind, Rules

SID = "StagegateReadOnlyCards"
WRITES = ("sagemaker:UpdateModelCard",)
"""Every write in the RAM permissions for cards: the others of them describe, list and export."""

SCP_LIMIT = 5120
"""Bytes of a service control policy, white space included ("Quotas for AWS Organizations")."""
MANAGED_POLICY_LIMIT = 6144
"""Characters of an IAM managed policy, white space not counted ("IAM and AWS STS quotas")."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fence:
    """The fence of one account. `roles` are those whose boundary it is; an SCP covers them all and names none.
    `lists_cards` tells whether the document names single cards, because the account may write others.
    """

    account: str
    kind: FenceKind
    roles: tuple[str, ...] = ()
    lists_cards: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservedFence:
    """What stands in an account now: the policy's id (or ARN), its document, and where it isn't in force."""

    account: str
    policy: str | None = None
    document: str | None = None
    uncovered: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RaiseFence:
    """Deny writing the card in an account."""

    card_arn: str
    fence: Fence
    policy: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LowerFence:
    """Take the card off the list of an account's fence."""

    card_arn: str
    fence: Fence
    policy: str | None = None


def fence_of(rules: Rules, account: str) -> Fence:
    """Return the fence that an account gets under these rules. Fences of two stages in one account cover both."""
    stages = [stage for stage in rules.stages if account in stage.accounts]
    names = {stage.name for stage in stages}
    writes = any(
        access.write and access.stage in names for rule in rules.cards.status.values() for access in rule.opens
    )
    by_scp = any(stage.fence is FenceKind.SCP for stage in stages)
    return Fence(
        account=account,
        kind=FenceKind.SCP if by_scp else FenceKind.BOUNDARY,
        roles=() if by_scp else tuple(sorted({role for stage in stages for role in stage.roles})),
        lists_cards=writes,
    )


def accounts_to_fence(rules: Rules, entitlements: Iterable[Entitlement]) -> tuple[str, ...]:
    """Return the accounts in which a stage sees the card and none may write it."""
    entitled = tuple(entitlements)
    sees = {account for e in entitled for account in rules.stage(e.stage).accounts}
    writes = {account for e in entitled if e.write for account in rules.stage(e.stage).accounts}
    return tuple(sorted(sees - writes))


def accounts_that_list(rules: Rules) -> tuple[str, ...]:
    """Return the accounts whose fence names single cards. Outside an organization no SCP can be one."""
    fences = [fence_of(rules, account) for account in {a for stage in rules.stages for a in stage.accounts}]
    possible = {FenceKind.BOUNDARY, *([FenceKind.SCP] if rules.organization.id else [])}
    return tuple(sorted(fence.account for fence in fences if fence.lists_cards and fence.kind in possible))


def document_of(fence: Fence, cards: Collection[str], *, partition: str, governance_account: str) -> str:
    """Return the policy document of a fence, minified: a deny, and for a boundary the allow that it takes away from."""
    denied = sorted(cards) if fence.lists_cards else [_every_card(partition, governance_account)]
    statements: list[Mapping[str, Any]] = []
    if fence.kind is FenceKind.BOUNDARY:
        statements.append({"Sid": "StagegateBoundary", "Effect": "Allow", "Action": "*", "Resource": "*"})
    if denied:
        statements.append({"Sid": SID, "Effect": "Deny", "Action": list(WRITES), "Resource": denied})
    return canonical({"Version": "2012-10-17", "Statement": statements})


def listed_cards(fence: Fence, document: str, *, partition: str, governance_account: str) -> frozenset[str] | None:
    """Return the cards that a document of ours lists, or None if it isn't, to the letter, one that we would write."""
    try:
        statements = json.loads(document)["Statement"]
        resources = {arn for s in statements if s.get("Sid") == SID for arn in s["Resource"]}
    except (ValueError, LookupError, TypeError, AttributeError):
        return None
    ours = document_of(fence, resources, partition=partition, governance_account=governance_account)
    return frozenset(resources) if canonical(json.loads(document)) == ours else None


def stands(fence: Fence, observed: ObservedFence, card_arn: str, *, governance_account: str) -> bool:
    """Tell whether what was observed keeps every principal that the fence is for from writing the card.

    One that covers every card stands for a list too: rules that give an account write access for the first time must
    not replace it by a list of the one card that was looked at first.
    """
    if observed.document is None or observed.uncovered:
        return False
    partition = subject_of(card_arn).partition
    cards = listed_cards(fence, observed.document, partition=partition, governance_account=governance_account)
    if cards is None:
        return False
    return not fence.lists_cards or bool(cards & {card_arn, _every_card(partition, governance_account)})


def _every_card(partition: str, governance_account: str) -> str:
    return f"arn:{partition}:sagemaker:*:{governance_account}:model-card/*"


def fence_warnings(rules: Rules, entitlements: Iterable[Entitlement]) -> tuple[Finding, ...]:
    """Return what the fences of these entitlements leave open by their kind: a boundary covers the named roles only."""
    fences = [fence_of(rules, account) for account in accounts_to_fence(rules, entitlements)]
    return tuple(
        warned("FenceCoversRoles", f"In {f.account} only {', '.join(f.roles)} are kept from writing the card.")
        for f in fences
        if f.kind is FenceKind.BOUNDARY
    )


def fence_changes(
    rules: Rules,
    card_arn: str,
    entitlements: Iterable[Entitlement],
    observed: Mapping[str, ObservedFence],
    *,
    governance_account: str,
) -> tuple[tuple[RaiseFence, ...], tuple[LowerFence, ...]]:
    """Return the fences to raise before anything opens, and those to lower after everything has closed.

    What isn't among the `observed` stays as it is: `looking` says whose fence a plan has to know.
    """
    needed = accounts_to_fence(rules, entitlements)
    raises = [
        RaiseFence(card_arn=card_arn, fence=fence, policy=observed[account].policy)
        for account in needed
        if account in observed
        and not stands(
            fence := fence_of(rules, account), observed[account], card_arn, governance_account=governance_account
        )
    ]
    partition = subject_of(card_arn).partition
    lowers = [
        LowerFence(card_arn=card_arn, fence=fence, policy=observed[account].policy)
        for account in accounts_that_list(rules)
        if account not in needed
        and account in observed
        and card_arn in _listed(fence := fence_of(rules, account), observed[account], partition, governance_account)
    ]
    return tuple(raises), tuple(lowers)


def _listed(fence: Fence, observed: ObservedFence, partition: str, governance_account: str) -> frozenset[str]:
    """Return the cards that a fence lists, whether or not it is in force for every role that it is for."""
    if observed.document is None:
        return frozenset()
    cards = listed_cards(fence, observed.document, partition=partition, governance_account=governance_account)
    return cards or frozenset()
