"""What a person is told: short enough for a mail's subject line, and complete enough to act on."""

from collections.abc import Iterable

from stagegate.core.arns import SubjectKind
from stagegate.core.mail import Message, subject_line
from stagegate.core.statuses import CardStatus
from stagegate.plans.change import Change
from stagegate.plans.grants import approved_by
from stagegate.plans.plan import Plan, is_asked
from stagegate.rules.model import Rules
from stagegate.subjects.cards.card import Card
from stagegate.subjects.groups import messages as group_messages
from stagegate.subjects.groups.group import Group
from stagegate.subjects.guardrails import messages as guardrail_messages
from stagegate.subjects.hubs import messages as hub_messages
from stagegate.subjects.packages import messages as package_messages
from stagegate.subjects.packages.package import Package
from stagegate.targets.target import target_of, title

_CAN = {
    SubjectKind.MODEL_CARD: "sees it",
    SubjectKind.MODEL_PACKAGE: "may deploy it",
    SubjectKind.MODEL_PACKAGE_GROUP: "may register in it",
    SubjectKind.GUARDRAIL: "is behind it",
    SubjectKind.HUB: "sees it",
}


def message_of(plan: Plan, rules: Rules, subject: Card | Package | Group | None) -> Message:
    """Return what the approvers are told about a plan that is about to be, or was, applied."""
    requested = subject is not None and is_asked(rules, plan)
    headline = f"{'Decision needed: ' if requested else ''}{plan.subject.name} is {plan.status}"
    if isinstance(subject, Group):
        headline = f"Registering in {plan.subject.name}"
    what = plan.subject.kind.replace("-", " ").capitalize()
    can = _CAN[plan.subject.kind]
    parts = [
        [f"{what} {plan.subject.name} is {plan.status}{_version(plan)}.", plan.subject.arn],
        _about(subject),
        ["What has changed by itself, or earlier in this run:", *(f"- {line}" for line in plan.drift)]
        if plan.drift
        else [],
        _changes(plan),
        ["Documents:", *(f"- {line}" for line in plan.documents)] if plan.documents else [],
        [f"Who {can} after that:", *_access(plan)],
        ["Found:", *(f"- [{f.severity}] {f.code}: {f.detail}" for f in plan.findings)] if plan.findings else [],
        _how_to_decide(plan, rules, subject) if requested and isinstance(subject, Card | Package) else [],
    ]
    return Message(subject=subject_line(headline), text="\n\n".join("\n".join(part) for part in parts if part) + "\n")


def _changes(plan: Plan) -> list[str]:
    if plan.held_back:
        return ["What would change, if governance.toml didn't say paused:", *_lines(plan.held_back)]
    return ["What changes:", *_lines(plan.changes)] if plan.changes else ["Access doesn't change."]


def _lines(changes: Iterable[Change]) -> list[str]:
    return [f"- {change.line()}" for change in changes]


def _version(plan: Plan) -> str:
    of_card = plan.subject.kind is SubjectKind.MODEL_CARD and plan.version is not None
    return f" (version {plan.version})" if of_card else ""


def _about(card: Card | Package | Group | None) -> list[str]:
    if card is None:
        return []
    if isinstance(card, Group):
        return group_messages.about(card)
    if isinstance(card, Package):
        return package_messages.about(card)
    filled = ", ".join(sorted(card.sections)) or "nothing"
    return [card.overview or "The card has no description.", f"Risk: {card.risk}. Filled in: {filled}."]


def _access(plan: Plan) -> list[str]:
    if plan.subject.kind is SubjectKind.GUARDRAIL:
        return guardrail_messages.access(plan.entitled)
    if plan.subject.kind is SubjectKind.HUB:
        return hub_messages.access(plan.entitled)
    on_targets = [grant for grant in plan.entitled if grant.target]
    if plan.subject.kind is SubjectKind.MODEL_CARD:
        keys = {g.stage: f"; {title(target_of(g.target, plan.subject.partition))}" for g in on_targets}
        grants = [
            f"- {grant.stage} ({', '.join(grant.accounts)}): {'read and write' if grant.write else 'read only'}"
            f"{keys.get(grant.stage, '')}{approved_by(grant)}"
            for grant in plan.entitled
            if not grant.target
        ]
    else:
        is_group = plan.subject.kind is SubjectKind.MODEL_PACKAGE_GROUP
        access = group_messages.access if is_group else package_messages.access
        grants = access(on_targets, plan.subject.partition)
    return grants or ["- nobody outside the governance account"]


def _how_to_decide(plan: Plan, rules: Rules, card: Card | Package) -> list[str]:
    """Say which status opens which gated stage for whom, and how to say yes or no."""
    if isinstance(card, Package):
        return package_messages.how_to_decide(plan, rules, card)
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
    update = f"aws sagemaker update-model-card --model-card-name {plan.subject.name} --model-card-status"
    opening = next(s for s, rule in rules.cards.status.items() if any(a.stage in gated for a in rule.opens))
    return [
        "To decide:",
        *lines,
        f"Yes: {update} {opening}",
        f"No:  {update} {CardStatus.DRAFT}   (or {CardStatus.ARCHIVED})",
    ]
