"""What its card has to say in a package's access, by what the last runs of both have recorded. Pure."""

from dataclasses import dataclass

from stagegate.access.model import SubjectRecord
from stagegate.core.card_link import CardLink
from stagegate.core.findings import Severity
from stagegate.rules.model import Rules
from stagegate_cli.names import name_of

_FOR_ALL_STAGES = ("CardConflict", "CardForOthers", "CardLetGo")
"""Findings of a package about its cards that are there though the card that it follows may open the stage."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CardsWord:
    """Whether a package's card lets a stage open, and what says so."""

    opens: bool
    says: str


def cards_word(package: SubjectRecord, card: SubjectRecord | None, rules: Rules, stage: str) -> CardsWord | None:
    """Return what the card that a package follows says of a stage; None where cards have no say in it.

    `card` is the record of `package.card`, None where it follows none. The rules are the package's own.
    """
    rule = rules.packages.by_card if rules.packages else CardLink.IGNORED
    if package.subject.kind != "model-package" or rule is CardLink.IGNORED:
        return None
    findings = package.now.findings if package.now else ()
    said = [each for each in findings if each.severity is Severity.BLOCK and each.code in _FOR_ALL_STAGES]
    if said and all(grant.stage != stage for grant in package.grants):
        return CardsWord(opens=False, says=f"{said[0].code}: {said[0].detail}")
    unbound = [each for each in findings if each.code == "CardNotApproved" and each.stage == stage]
    if unbound and any(grant.stage == stage for grant in package.grants):
        return CardsWord(opens=True, says=f"{unbound[0].code}: {unbound[0].detail}")
    if card is None:
        needed = 'packages.card = "required"' if rule is CardLink.REQUIRED else "it needs none"
        return CardsWord(opens=rule is CardLink.IF_LINKED, says=f"no card speaks for it, and {needed}")
    # What it has open for another audience is no word for this one (`subjects.cards.word`).
    opens = any(grant.stage == stage and grant.audience == (rules.audience or "") for grant in card.grants)
    now = f"{card.now.status}, version {card.now.version}" if card.now else "no run has looked at it yet"
    return CardsWord(
        opens=opens, says=f"its card {name_of(card.subject.arn)} ({now}) opens {stage}{'' if opens else ' not'}"
    )
