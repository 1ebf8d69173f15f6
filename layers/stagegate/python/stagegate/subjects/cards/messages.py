"""What a person is told about a model card, beside what they are told about every subject."""

from collections.abc import Collection, Iterable

from stagegate.core.messages.mail import ENCRYPTED, LEFT_OUT
from stagegate.core.sentences import named
from stagegate.core.statuses import CardStatus
from stagegate.core.untrusted import quoted, word
from stagegate.links.messages import about_packages
from stagegate.plans.decision import Decision
from stagegate.plans.grants import Grant, approved_by
from stagegate.plans.wording import NOBODY, Wording
from stagegate.rules.model import Rules
from stagegate.subjects.cards.model import Card
from stagegate.targets.target import target_of, title


def wording(rules: Rules, decision: Decision, card: Card | None) -> Wording:
    """Return what is said of a card, None for one that is gone."""
    access = tuple(_access(decision.grants, decision.subject.partition)) or NOBODY
    if card is None:
        return Wording(access=access, version=decision.version)
    says = _says(card)
    rest = (f"Risk: {card.risk}.", *about_packages(rules, card.name, card.names))
    about = (LEFT_OUT, *rest) if card.kms_key else (*says, *rest)
    if card.kms_key and rules.messages.quote_encrypted and not card.is_sealed:
        about = (ENCRYPTED, *rest)
    return Wording(
        access=access,
        about=about,
        secret=" ".join(says) if ENCRYPTED in about else "",
        version=decision.version,
        risk=card.risk.value,
        to_decide=tuple(_how_to_decide(rules, card)) if decision.asks else (),
    )


def _says(card: Card) -> tuple[str, str]:
    """Return what the card's content says: its description, and which sections are filled in."""
    filled = named([word(section) for section in sorted(card.sections)]) or "nothing"
    overview = f"It says: {quoted(card.overview)}" if card.overview else "The card has no description."
    return overview, f"Filled in: {filled}."


def _access(grants: Collection[Grant], partition: str) -> Iterable[str]:
    """Yield which stages see the card, with the key that it takes."""
    keys = {g.stage: f"; {title(target_of(g.target, partition))}" for g in grants if g.target}
    for grant in grants:
        if not grant.target:
            rights = "read and write" if grant.write else "read only"
            accounts = ", ".join(grant.accounts)
            yield f"- {grant.stage} ({accounts}): {rights}{keys.get(grant.stage, '')}{approved_by(grant)}"


def _how_to_decide(rules: Rules, card: Card) -> list[str]:
    """Say which status opens which gated stage for whom, and how to say yes or no."""
    gated = {entry.stage for entry in rules.approvers}
    lines = []
    for status, rule in rules.cards.status.items():
        for access in rule.opens:
            if access.stage not in gated:
                continue
            may = sorted(
                p for e in rules.approvers if e.stage == access.stage and card.risk in e.risks for p in e.principals
            )
            rights = "read and write" if access.write else "read only"
            lines.append(f"- {status} opens {access.stage}, {rights}; may be set by {', '.join(may) or 'nobody'}")
    if not lines:
        return []
    update = f"aws sagemaker update-model-card --model-card-name {card.name} --model-card-status"
    opening = next(s for s, rule in rules.cards.status.items() if any(a.stage in gated for a in rule.opens))
    return [
        "To decide:",
        *lines,
        f"Yes: {update} {opening}",
        f"No:  {update} {CardStatus.DRAFT}   (or {CardStatus.ARCHIVED})",
    ]
