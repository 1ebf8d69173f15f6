"""What a person is told about a model card, beside what they are told about every subject."""

from collections.abc import Collection, Iterable

from stagegate.core.messages.mail import ENCRYPTED, LEFT_OUT
from stagegate.core.sentences import named
from stagegate.core.statuses import CardStatus
from stagegate.core.untrusted import quoted, word
from stagegate.links.messages import about_packages
from stagegate.plans.decision import Decision
from stagegate.plans.grants import Grant, approved_by
from stagegate.plans.question import Question, for_a_reason, lines
from stagegate.plans.wording import NOBODY, Wording
from stagegate.rules.model import Rules
from stagegate.subjects.cards.contents.metrics import beside_thresholds
from stagegate.subjects.cards.model import Card
from stagegate.subjects.cards.questions.question import rights
from stagegate.targets.target import target_of, title


def wording(rules: Rules, decision: Decision, card: Card | None, question: Question | None = None) -> Wording:
    """Return what is said of a card, None for one that is gone. `question` is what its approvers are asked."""
    access = tuple(_access(decision.grants, decision.subject.partition)) or NOBODY
    if card is None:
        return Wording(access=access, version=decision.version)
    says = says_of(card)
    rest = (f"Risk: {card.risk}.", *about_packages(rules, card.name, card.names))
    asked = beside_thresholds(rules.stages, card.metrics)
    about = (LEFT_OUT, *rest) if card.kms_key else (*says, *card.facts, *asked, *rest)
    if card.kms_key and rules.messages.quote_encrypted and not card.is_sealed:
        about = (ENCRYPTED, *rest)
    return Wording(
        access=access,
        about=about,
        secret=" ".join(says) if ENCRYPTED in about else "",
        version=decision.version,
        risk=card.risk.value,
        question=question,
        to_decide=tuple(lines(question, _rights(rules, question))) if question else (),
    )


def says_of(card: Card) -> tuple[str, str]:
    """Return what the card's content says: its description, and which sections are filled in."""
    filled = named([word(section) for section in sorted(card.sections)]) or "nothing"
    overview = f"It says: {quoted(card.overview)}" if card.overview else "The card has no description."
    return overview, f"Filled in: {filled}."


def _access(grants: Collection[Grant], partition: str) -> Iterable[str]:
    """Yield which stages see the card, with the key that it takes."""
    keys = {g.stage: f"; {title(target_of(g.target, partition))}" for g in grants if g.target}
    for grant in grants:
        if not grant.target:
            accounts = ", ".join(grant.accounts)
            does = f"{rights(write=grant.write)}{keys.get(grant.stage, '')}"
            yield f"- {grant.stage} ({accounts}): {does}{approved_by(grant)}"


def _rights(rules: Rules, question: Question) -> dict[str, str]:
    """Return what a stage may do with the card by a status that says yes."""
    said = {CardStatus(yes.status) for yes in question.yes}
    opens = [access for status in said for access in rules.cards.status[status].opens]
    return {access.stage: f"{rights(write=access.write)}{for_a_reason(rules, access.stage)}" for access in opens}
