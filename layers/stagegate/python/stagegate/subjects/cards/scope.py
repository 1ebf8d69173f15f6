"""What a run has to look at before it plans. An event's run goes by the record and looks at what its own changes rest
on; a run that a person or a sweep starts looks at everything, and so finds what else has drifted.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from stagegate.approvals.entitlement import Entitled
from stagegate.plans.grants import View
from stagegate.rules.model import Rules
from stagegate.surfaces.fences.model import Cover, access_of, accounts_by_cover, accounts_to_fence, unsettled


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """The accounts whose fence is read, and the stages whose shares' accounts are (None: every stage's)."""

    fences: tuple[str, ...]
    stages: frozenset[str] | None = None


def everything(rules: Rules, entitled: Entitled, view: View) -> Look:
    """Return every share, and the accounts that must have a fence for this card, that may have one which excepts it,
    or that may have kept one which the rules asked for before.
    """
    needed = accounts_to_fence(rules, entitled.entitlements)
    others = accounts_by_cover(rules, Cover.OTHERS, Cover.NONE)
    noted = unsettled(rules, access_of(rules, entitled.entitlements), view.written)
    return Look(fences=tuple(sorted({*needed, *others, *noted})))


def what_changes(rules: Rules, entitled: Entitled, view: View, associations: Mapping[str, str]) -> Look:
    """Return the shares of the stages that are to be opened; the fences that these stand behind or are excepted from,
    whether or not that should be so already; those that the card comes under; and those about which the card's notes
    don't say what they should.
    """
    settled = {g.stage for g in view.grants if g.share_arn and associations.get(g.share_arn) == "ASSOCIATED"}
    opening = frozenset(e.stage for e in entitled.entitlements if e.stage not in settled)
    opened = {account for name in opening for account in rules.stage(name).accounts}
    before, after = view.access(), access_of(rules, entitled.entitlements)
    denied = {a for a, writes in after.items() if not writes and (a in opened or before.get(a) is not False)}
    excepted = {a for a in accounts_by_cover(rules, Cover.OTHERS) if a in opened and after[a]}
    fences = denied | excepted | unsettled(rules, after, view.written)
    return Look(fences=tuple(sorted(fences)), stages=opening)
