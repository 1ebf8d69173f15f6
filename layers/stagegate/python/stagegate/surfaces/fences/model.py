"""Fences: the denies that make a stage's access read-only, because no RAM permission for cards is.

A fence stands in an account, so it depends on every stage there: an account is fenced for a card when some stage in
it sees the card and none of them may write it. What a fence covers depends on the rules (`Cover`). Where it has to name
single cards, it names those that may be written: a card that it doesn't know is denied.
"""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, ClassVar

from stagegate.core.arns import subject_of
from stagegate.core.errors import AccountClosedError, PermanentError, UnknownSubjectError
from stagegate.core.findings import Finding
from stagegate.iam.documents import canonical
from stagegate.rules.fence_kind import FenceKind
from stagegate.rules.names import name_of_role, role_arns
from stagegate.rules.narrowed.covers import Cover, by_account, cover_of
from stagegate.targets.fences import fence_target

if TYPE_CHECKING:
    from collections.abc import Hashable

    from stagegate.approvals.entitlement import Entitlement
    from stagegate.rules.model import Rules, Stage

SURFACE = "fence"

SID = "StagegateReadOnlyCards"
WRITES = ("sagemaker:UpdateModelCard",)
"""Every write in the RAM permissions for cards: the others of them describe, list and export."""


EXCEPTED = "excepted"
"""What a card's note about a fence says once the document excepts it; "" is a change that nobody saw to its end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fence:
    """The fence of one account. `roles` are those whose boundary it is; an SCP covers them all and names none."""

    account: str
    kind: FenceKind
    roles: tuple[str, ...] = ()
    covers: Cover = Cover.ALL

    def who(self) -> str:
        """Return whom it keeps from writing, in words."""
        if self.kind is FenceKind.SCP:
            return "every role"
        if self.roles:
            return f"the boundary of {', '.join(self.roles)}; no other role"
        return "every role behind its boundary"


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservedFence:
    """What stands in an account now: the policy's id (or ARN), its document, and where it isn't in force; or why that
    is `unseen`.
    """

    account: str
    policy: str | None = None
    document: str | None = None
    uncovered: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    unseen: PermanentError | None = None

    @property
    def is_closed(self) -> bool:
        """Whether its account is closed: nobody there can write a card, and nothing can be written there."""
        return isinstance(self.unseen, AccountClosedError)


@dataclass(frozen=True, slots=True, kw_only=True)
class DenyWrites:
    """Deny writing the card in an account. `noted`: the card is excepted there on record, or may be.

    It `closes` where the account may write the card as it is; else it stands before a share that is about to open.
    """

    surface: ClassVar[str] = SURFACE

    card_arn: str
    fence: Fence
    policy: str | None = None
    noted: bool = False
    closes: bool = False

    @property
    def places(self) -> tuple[str, ...]:
        """The account's fence."""
        return (fence_target(self.fence.account),)

    def line(self) -> str:
        """Return the account, and whom the fence keeps from writing there."""
        return f"deny account {self.fence.account} to change the card ({self.fence.who()})"


@dataclass(frozen=True, slots=True, kw_only=True)
class AllowWrites:
    """Except the card from an account's fence; one that covers no card is taken away. `noted` as in `DenyWrites`."""

    surface: ClassVar[str] = SURFACE
    closes: ClassVar[bool] = False
    places: ClassVar[tuple[str, ...]] = ()

    card_arn: str
    fence: Fence
    policy: str | None = None
    noted: bool = False

    def line(self) -> str:
        """Return the account, and whether it may write this card or whatever it sees."""
        if self.fence.covers is Cover.NONE:
            return f"take the fence of account {self.fence.account} away: by the rules it may change what it sees"
        return f"let account {self.fence.account} change the card"


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveFence:
    """Take an account's fence away: nothing that it is for can be seen there any more. `account_arn` is the account as
    a subject.
    """

    surface: ClassVar[str] = SURFACE
    closes: ClassVar[bool] = False
    places: ClassVar[tuple[str, ...]] = ()

    account_arn: str
    fence: Fence
    policy: str | None = None

    def line(self) -> str:
        """Return the account."""
        return f"take the fence of account {self.fence.account} away: no card is shared with it"


def access_of(rules: "Rules", entitlements: "Iterable[Entitlement]") -> Mapping[str, bool]:
    """Return the accounts that see the card, each with whether it may write it: the union over its stages."""
    access: dict[str, bool] = {}
    for entitlement in entitlements:
        for account in rules.stage(entitlement.stage).accounts:
            access[account] = access.get(account, False) or entitlement.write
    return access


def accounts_to_fence(rules: "Rules", entitlements: "Iterable[Entitlement]") -> tuple[str, ...]:
    """Return the accounts in which a stage sees the card and none may write it."""
    return tuple(sorted(account for account, writes in access_of(rules, entitlements).items() if not writes))


def fence_of(rules: "Rules", account: str) -> Fence:
    """Return the fence that an account gets under these rules. Fences of two stages in one account cover both.

    It is a service control policy as soon as one stage says so; outside an organization there are none.
    """
    return _fence(rules.whole, account, by_account(rules).get(account, []))


def _fence(rules: "Rules", account: str, by_audience: "list[list[Stage]]") -> Fence:
    stages = [stage for in_it in by_audience for stage in in_it]
    by_scp = rules.organization.id is not None and any(stage.fence is FenceKind.SCP for stage in stages)
    return Fence(
        account=account,
        kind=FenceKind.SCP if by_scp else FenceKind.BOUNDARY,
        roles=() if by_scp else tuple(sorted(_names(stages, account))),
        covers=cover_of(rules, by_audience),
    )


def _names(stages: "Iterable[Stage]", account: str) -> set[str]:
    """Return the names of the stages' roles in an account: IAM's own calls take a role by its name, whatever its
    path.
    """
    return {name_of_role(arn) for stage in stages for arn in role_arns(stage.roles, account, "aws")}


def accounts_by_cover(rules: "Rules", *covers: Cover) -> tuple[str, ...]:
    """Return the accounts whose fence covers that, and can be one: outside an organization a stage names a boundary."""
    whole = rules.whole
    opened = tuple((status, rule.opens) for status, rule in whole.cards.status.items())
    found = _covers(_Whole((whole.organization, whole.stages, whole.audiences, whole.approvers, opened), whole))
    return tuple(account for account, cover in found if cover in covers)


@dataclass(frozen=True, slots=True)
class _Whole:
    """The rules for all models, and what of them says what fences cover: rules that are alike in that are the same."""

    said: "Hashable"
    rules: "Rules" = field(compare=False)


@lru_cache(maxsize=4)
def _covers(whole: _Whole) -> tuple[tuple[str, Cover], ...]:
    """Return the accounts that can have a fence, with what it covers: a card's plan asks several times."""
    rules = whole.rules
    is_inside = rules.organization.id is not None
    return tuple(
        (account, _fence(rules, account, by_audience).covers)
        for account, by_audience in sorted(by_account(rules).items())
        if is_inside or any(stage.fence is FenceKind.BOUNDARY for stages in by_audience for stage in stages)
    )


def unsettled(rules: "Rules", access: Mapping[str, bool], written: Mapping[str, str]) -> frozenset[str]:
    """Return the accounts about whose fence the card's notes (`View.written`) don't say what they should for its
    `access`: that it is excepted where it may be written while others may not, and else nothing.
    """
    excepted = {account for account in accounts_by_cover(rules, Cover.OTHERS) if access.get(account)}
    return frozenset(
        account
        for account in accounts_by_cover(rules, *Cover)
        if written.get(fence_target(account)) != (EXCEPTED if account in excepted else None)
    )


def document_of(fence: Fence, excepted: Collection[str], *, partition: str, governance_account: str) -> str:
    """Return the policy document of a fence, minified: a deny, and for a boundary the allow that it takes away from.

    `excepted` are the cards that may be written, where the fence covers the others. A request whose context doesn't
    say whose the resource is comes under the deny as well, but for the account's own cards.
    """
    deny: dict[str, Any] = {"Sid": SID, "Effect": "Deny", "Action": list(WRITES)}
    if fence.covers is Cover.OTHERS and excepted:
        deny["NotResource"] = sorted({*excepted, _cards_of(fence.account, partition)})
        deny["Condition"] = {"StringEqualsIfExists": {"aws:ResourceAccount": governance_account}}
    else:
        deny["Resource"] = [_cards_of(governance_account, partition)]
    allow = {"Sid": "StagegateBoundary", "Effect": "Allow", "Action": "*", "Resource": "*"}
    statements: list[Mapping[str, Any]] = [
        *([allow] if fence.kind is FenceKind.BOUNDARY else []),
        *([deny] if fence.covers is not Cover.NONE else []),
    ]
    return canonical({"Version": "2012-10-17", "Statement": statements})


def excepted_cards(fence: Fence, document: str, *, partition: str, governance_account: str) -> frozenset[str] | None:
    """Return the cards that a document of ours excepts, or None if it isn't, to the letter, one that we would write."""
    try:
        found = json.loads(document)
        named = {arn for s in found["Statement"] if s.get("Sid") == SID for arn in s.get("NotResource", ())}
        cards = frozenset(named - {_cards_of(fence.account, partition)})
        if any(subject_of(card).account != governance_account for card in cards):
            return None
    except (ValueError, LookupError, TypeError, AttributeError, UnknownSubjectError):
        return None
    ours = document_of(fence, cards, partition=partition, governance_account=governance_account)
    return cards if canonical(found) == ours else None


def _cards_of(account: str, partition: str) -> str:
    return f"arn:{partition}:sagemaker:*:{account}:model-card/*"
