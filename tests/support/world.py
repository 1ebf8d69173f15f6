"""What a plan is about, as a value that changes can be applied to: our shares, the card in them, and the fences."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from stagegate.domain.entitlements import Entitled
from stagegate.domain.fences import (
    Fence,
    LowerFence,
    ObservedFence,
    RaiseFence,
    document_of,
    listed_cards,
)
from stagegate.domain.looking import everything, what_changes
from stagegate.domain.plan import Change, OnKey, Plan, View
from stagegate.domain.policy_changes import CloseTarget, OpenTarget
from stagegate.domain.rules import FenceKind, Rules
from stagegate.domain.shares import LIVE, CloseShare, ObservedShares, OpenShare, Share
from tests.support.builders import CARD_ARN, EVERY_CARD, GOVERNANCE, a_plan, share_arn


@dataclass(frozen=True)
class World:
    """One moment of everything that a plan looks at. `associations` are the card's, by share ARN."""

    shares: tuple[Share, ...] = ()
    associations: Mapping[str, str] = field(default_factory=dict)
    fences: Mapping[str, ObservedFence] = field(default_factory=dict)

    def plan(
        self,
        rules: Rules,
        entitled: Entitled,
        view: View | None = None,
        *,
        by_hand: bool = True,
        key: OnKey | None = None,
    ) -> Plan:
        """The plan for this moment: by hand from a look at everything, else from what an event's run looks at."""
        view = view or View()
        look = everything(rules, entitled) if by_hand else what_changes(rules, entitled, view, self.associations)
        shares = tuple(
            share if look.stages is None or share.stage in look.stages else replace(share, principals=None)
            for share in self.shares
        )
        return a_plan(
            rules,
            entitled,
            view=view,
            seen=ObservedShares(associations=self.associations, shares=shares),
            fences={account: self.fences.get(account, ObservedFence(account=account)) for account in look.fences},
            key=key,
        )

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
            case RaiseFence() | LowerFence():
                document = self._document(change)
                seen = ObservedFence(account=change.fence.account, policy="p-1", document=document)
                return replace(self, fences={**self.fences, change.fence.account: seen})
            case CloseShare(card_arn=None):
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
            case OpenTarget() | CloseTarget():
                raise TypeError(f"{change} is about no share")

    def _is_fenced(self, account: str) -> bool:
        """Judged by the document as AWS would, and not by what the product takes for a fence."""
        seen = self.fences.get(account)
        if seen is None or seen.document is None or seen.uncovered:
            return False
        return any(
            statement["Effect"] == "Deny" and {CARD_ARN, EVERY_CARD} & set(statement["Resource"])
            for statement in json.loads(seen.document)["Statement"]
        )

    def _document(self, change: RaiseFence | LowerFence) -> str | None:
        fence = change.fence
        listed = _cards(fence, self.fences.get(fence.account))
        cards = listed | {CARD_ARN} if isinstance(change, RaiseFence) else listed - {CARD_ARN}
        if fence.kind is FenceKind.SCP and fence.lists_cards and not cards:
            return None
        return document_of(fence, cards, partition="aws", governance_account=GOVERNANCE)

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


def _cards(fence: Fence, seen: ObservedFence | None) -> frozenset[str]:
    if seen is None or seen.document is None or not fence.lists_cards:
        return frozenset()
    return listed_cards(fence, seen.document, partition="aws", governance_account=GOVERNANCE) or frozenset()
