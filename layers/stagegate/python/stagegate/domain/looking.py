"""What a run has to look at before it plans. An event's run goes by the record and looks at what its own changes rest
on; a run that a person or a sweep starts looks at everything, and so finds what else has drifted.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from .entitlements import Entitled, Entitlement
from .fences import accounts_that_list, accounts_to_fence
from .plan import View
from .rules import Rules


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """The accounts whose fence is read, and the stages whose shares' accounts are (None: every stage's)."""

    fences: tuple[str, ...]
    stages: frozenset[str] | None = None


def everything(rules: Rules, entitled: Entitled) -> Look:
    """Return the accounts that must have a fence for this card or may have one that names it, and every share."""
    return Look(fences=tuple(sorted({*accounts_to_fence(rules, entitled.entitlements), *accounts_that_list(rules)})))


def what_changes(rules: Rules, entitled: Entitled, view: View, associations: Mapping[str, str]) -> Look:
    """Return the shares of the stages that are to be opened; the fences that these stand behind, whether or not one
    should be there already; and the fences that the card comes under or out of.
    """
    settled = {g.stage for g in view.grants if g.share_arn and associations.get(g.share_arn) == "ASSOCIATED"}
    opening = frozenset(e.stage for e in entitled.entitlements if e.stage not in settled)
    known = {stage.name for stage in rules.stages}
    recorded = [Entitlement(stage=g.stage, write=g.write) for g in view.grants if g.stage in known]
    before, after = set(accounts_to_fence(rules, recorded)), set(accounts_to_fence(rules, entitled.entitlements))
    opened = {account for name in opening for account in rules.stage(name).accounts}
    listing = set(accounts_that_list(rules))
    fences = (after - before) | (after & opened) | ((before - after) & listing) | (opened & listing)
    return Look(fences=tuple(sorted(fences)), stages=opening)
