"""What a run has to read before it plans a card, of its shares and of fences."""

from collections.abc import Mapping
from dataclasses import dataclass

from stagegate.approvals.entitlement import Entitled
from stagegate.plans.grants import View
from stagegate.plans.mode import ReadScope
from stagegate.rules.model import Rules
from stagegate.rules.narrowed.covers import Cover
from stagegate.surfaces.fences.model import access_of, accounts_by_cover, accounts_to_fence, unsettled


@dataclass(frozen=True, slots=True, kw_only=True)
class Reads:
    """The accounts whose fence is read, and the stages whose shares' accounts are (None: every stage's)."""

    fences: tuple[str, ...]
    stages: frozenset[str] | None = None


def reads_of(scope: ReadScope, rules: Rules, entitled: Entitled, view: View, associations: Mapping[str, str]) -> Reads:
    """Return what a plan of this scope reads. `associations` are the card's, by share ARN."""
    return full(rules, entitled, view) if scope is ReadScope.FULL else for_changes(rules, entitled, view, associations)


def full(rules: Rules, entitled: Entitled, view: View) -> Reads:
    """Return every share, and the accounts that must have a fence for this card, those of its audience that may have
    one which excepts it, and those that may have kept one which the rules asked for before.
    """
    needed = accounts_to_fence(rules, entitled.entitlements)
    here = {account for stage in rules.stages for account in stage.accounts}
    others = here.intersection(accounts_by_cover(rules, Cover.OTHERS, Cover.NONE))
    noted = unsettled(rules, access_of(rules, entitled.entitlements), view.written)
    return Reads(fences=tuple(sorted({*needed, *others, *noted})))


def for_changes(rules: Rules, entitled: Entitled, view: View, associations: Mapping[str, str]) -> Reads:
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
    return Reads(fences=tuple(sorted(fences)), stages=opening)
