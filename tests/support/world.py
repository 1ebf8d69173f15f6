"""What a plan is about, as a value that changes can be applied to: our shares, the card in them, and the fences."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from typing import Any

from stagegate.approvals.entitlement import Entitled
from stagegate.plans.change import Change
from stagegate.plans.grants import View
from stagegate.plans.mode import ReadScope
from stagegate.plans.plan import Plan
from stagegate.rules.fence_kind import FenceKind
from stagegate.rules.model import Rules
from stagegate.rules.narrowed.covers import Cover
from stagegate.subjects.cards.decide import OnKey
from stagegate.subjects.cards.scope import reads_of
from stagegate.surfaces.fences.model import (
    EXCEPTED,
    AllowWrites,
    DenyWrites,
    Fence,
    ObservedFence,
    document_of,
    fence_of,
)
from stagegate.surfaces.shares.changes import LIVE, CloseShare, ObservedShares, OpenShare, Share
from stagegate.targets.fences import fence_target
from tests.support.builders import CARD_ARN, GOVERNANCE, a_plan, share_arn


@dataclass(frozen=True)
class World:
    """One moment of everything that a plan looks at. `associations` are the card's, by share ARN; `desired_texts` the
    cards on record as excepted from an account's fence; `notes` what the card's own record says of that, by account.
    """

    shares: tuple[Share, ...] = ()
    associations: Mapping[str, str] = field(default_factory=dict)
    fences: Mapping[str, ObservedFence] = field(default_factory=dict)
    desired_texts: Mapping[str, frozenset[str]] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)

    def plan(
        self,
        rules: Rules,
        entitled: Entitled,
        view: View | None = None,
        *,
        scope: ReadScope = ReadScope.FULL,
        key: OnKey | None = None,
    ) -> Plan:
        """The plan for this moment, from as much of it as a run of this scope reads."""
        view = self.seen_by(view or View())
        reads = reads_of(scope, rules, entitled, view, self.associations)
        shares = tuple(
            share if reads.stages is None or share.stage in reads.stages else replace(share, principals=None)
            for share in self.shares
        )
        return a_plan(
            rules,
            entitled,
            view=view,
            seen=ObservedShares(associations=self.associations, shares=shares),
            fences={account: self._seen(fence_of(rules, account)) for account in reads.fences},
            key=key,
        )

    def seen_by(self, view: View) -> View:
        """The view with the card's notes, which are read with it."""
        return replace(view, written={fence_target(account): note for account, note in self.notes.items()})

    def who_sees(self) -> frozenset[str]:
        """The accounts to which a share of ours shows the card."""
        return frozenset(
            account
            for share in self.shares
            if self.associations.get(share.arn) in LIVE
            for account, status in (share.principals or {}).items()
            if status in LIVE
        )

    def who_may_write(self) -> frozenset[str]:
        """Those of them that no fence keeps from writing it."""
        return frozenset(account for account in self.who_sees() if not self._is_fenced(account))

    def after(self, change: Change) -> "World":
        """The world once a change has been applied, and AWS has settled what it touched."""
        match change:
            case DenyWrites() | AllowWrites():
                return self._recorded(change)._written(change)._noted(change, EXCEPTED if _excepts(change) else None)
            case CloseShare(subject_arn=None):
                return replace(self, shares=tuple(self._without(share, change) for share in self.shares))
            case CloseShare():
                left = {arn: status for arn, status in self.associations.items() if arn != change.share_arn}
                return replace(self, associations=left)
            case OpenShare(share_arns=()):
                made = Share(
                    arn=share_arn(f"new-{change.stage}"),
                    stage=change.stage,
                    permission=change.permission,
                    external=change.external,
                    principals=dict.fromkeys(change.accounts, "ASSOCIATED"),
                )
                return self._with_card_in(replace(self, shares=(*self.shares, made)), made.arn)
            case OpenShare():
                first = change.share_arns[0]
                shares = tuple(self._joined(share, change) if share.arn == first else share for share in self.shares)
                return self._with_card_in(replace(self, shares=shares), first)
            case _:
                raise TypeError(f"{change} is about no share")

    def half(self, change: Change, *, was_written: bool) -> "World":
        """The world that a run leaves which dies once a change of a fence is on record, or once it is written."""
        if not isinstance(change, DenyWrites | AllowWrites):
            return self
        left = self._recorded(change)
        return left._written(change) if was_written else left

    def after_another_card(self, rules: Rules) -> "World":
        """The world once a run for another card has written every fence that excepts cards, from what is on record."""
        fences = [fence_of(rules, account) for account in self.fences]
        return replace(
            self,
            fences={
                **self.fences,
                **{
                    fence.account: replace(
                        self._seen(fence), document=_document(fence, self.desired_texts.get(fence.account, frozenset()))
                    )
                    for fence in fences
                    if fence.covers is Cover.OTHERS
                },
            },
        )

    def _is_fenced(self, account: str) -> bool:
        """Judged by the document as AWS would, and not by what the product takes for a fence."""
        seen = self.fences.get(account)
        if seen is None or seen.document is None or seen.uncovered:
            return False
        return any(_is_denied_by(statement) for statement in json.loads(seen.document)["Statement"])

    def _seen(self, fence: Fence) -> ObservedFence:
        """What stands; the boundary of an account where nothing was written yet is the one of its stack, on no role."""
        bare = ObservedFence(account=fence.account)
        if fence.kind is FenceKind.BOUNDARY:
            document = _document(replace(fence, covers=Cover.NONE), frozenset())
            bare = ObservedFence(account=fence.account, policy="p-1", document=document, uncovered=fence.roles)
        return self.fences.get(fence.account, bare)

    def _recorded(self, change: DenyWrites | AllowWrites) -> "World":
        """With the card's desired grants, or without them; and with the note that nobody knows what stands."""
        if change.fence.covers is not Cover.OTHERS and not change.noted:
            return self
        account = change.fence.account
        others = self.desired_texts.get(account, frozenset()) - {CARD_ARN}
        wanted = others | {CARD_ARN} if _excepts(change) else others
        return replace(self, desired_texts={**self.desired_texts, account: wanted})._noted(change, "")

    def _noted(self, change: DenyWrites | AllowWrites, note: str | None) -> "World":
        left = {account: said for account, said in self.notes.items() if account != change.fence.account}
        return replace(self, notes=left if note is None else {**left, change.fence.account: note})

    def _written(self, change: DenyWrites | AllowWrites) -> "World":
        """With the fence's document; a boundary is set on the roles that a raise names, and on no other."""
        fence = change.fence
        written = ObservedFence(account=fence.account)
        if fence.kind is FenceKind.BOUNDARY or fence.covers is not Cover.NONE:
            raised = fence.roles if isinstance(change, DenyWrites) else ()
            written = ObservedFence(
                account=fence.account,
                policy="p-1",
                document=_document(fence, self.desired_texts.get(fence.account, frozenset())),
                uncovered=tuple(sorted({*self._seen(fence).uncovered} - {*raised})),
            )
        return replace(self, fences={**self.fences, fence.account: written})

    @staticmethod
    def _without(share: Share, change: CloseShare) -> Share:
        if share.arn != change.share_arn:
            return share
        return replace(
            share, principals={a: s for a, s in (share.principals or {}).items() if a not in change.principals}
        )

    @staticmethod
    def _joined(share: Share, change: OpenShare) -> Share:
        """Only the accounts that the change names as missing are added; those on their way in arrive."""
        arrived = {a: "ASSOCIATED" if s == "ASSOCIATING" else s for a, s in (share.principals or {}).items()}
        return replace(share, principals={**arrived, **dict.fromkeys(change.missing_principals, "ASSOCIATED")})

    @staticmethod
    def _with_card_in(world: "World", arn: str) -> "World":
        return replace(world, associations={**world.associations, arn: "ASSOCIATED"})


def _excepts(change: DenyWrites | AllowWrites) -> bool:
    return isinstance(change, AllowWrites) and change.fence.covers is Cover.OTHERS


def _is_denied_by(statement: Mapping[str, Any]) -> bool:
    if statement["Effect"] != "Deny":
        return False
    if "NotResource" in statement:
        return not any(fnmatchcase(CARD_ARN, pattern) for pattern in statement["NotResource"])
    return any(fnmatchcase(CARD_ARN, pattern) for pattern in statement["Resource"])


def _document(fence: Fence, excepted: frozenset[str]) -> str:
    return document_of(fence, excepted, partition="aws", governance_account=GOVERNANCE)
