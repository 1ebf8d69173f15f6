"""What `packages.card` would change for a package, in a file of rules that has no such key."""

from collections.abc import Callable, Iterable
from dataclasses import replace

from stagegate.approvals.entitlement import Entitled
from stagegate.core.card_link import CardLink
from stagegate.core.errors import PermanentError
from stagegate.core.findings import Finding, Severity, warned
from stagegate.core.sentences import named
from stagegate.links.following import followed
from stagegate.links.link import candidates, linked
from stagegate.links.recorded import CARDS
from stagegate.links.word import Word
from stagegate.plans.decision import Basis
from stagegate.plans.grants import open_stages
from stagegate.plans.plan import Plan
from stagegate.subjects.packages.model import Package

Words = Callable[[Iterable[str]], tuple[Word, ...]]
_HEAD = 'governance.toml has no packages.card, so cards have no say. As "required",'
_UNKNOWN = "A card that names it in its content isn't known before the rules ask for cards."


def with_card_not_asked(made: Plan, finding: Finding | None) -> Plan:
    """Return the plan with this finding for whoever reads it. Nobody is told because of it: it isn't in the digest of
    what was told last.
    """
    if finding is None:
        return made
    return replace(made, record=replace(made.record, findings=(*made.record.findings, finding)))


def card_not_asked(basis: Basis, package: Package, entitled: Entitled, words: Words) -> Finding | None:
    """Return the finding that says what `card = "required"` would close of what is `entitled`; None where the file has
    the key, or nothing is to be open. `words` is asked for the word of the cards that may speak for the package.
    """
    rules, view, stages = basis.rules, basis.view, {each.stage for each in entitled.entitlements}
    if rules.packages is None or rules.packages.card is not None or not stages or rules.is_withdrawn:
        return None
    # As if its cards had been looked for before: else what is open would wait for a second look.
    state = {CARDS: "[]", **view.planner_state}
    try:
        found_words = words(candidates(package.linkable, (), state))
    except PermanentError as error:
        return warned("CardNotAsked", f"{_HEAD} nobody knows what that would change: {error}")
    link = linked(package.linkable, found_words, state, rules.audience)
    asked = replace(entitled, findings=())
    found = followed(asked, link, CardLink.REQUIRED, open_stages(rules, view))
    closed = stages - {each.stage for each in found.entitlements}
    if not closed:
        return warned("CardNotAsked", f"{_HEAD} that would change nothing for this package now.")
    reasons = dict.fromkeys(each.code for each in found.findings if each.severity is Severity.BLOCK)
    more = f" {_UNKNOWN}" if "CardMissing" in reasons else ""
    return warned(
        "CardNotAsked", f"{_HEAD} that would close {named(sorted(closed))} for it ({', '.join(reasons)}).{more}"
    )
