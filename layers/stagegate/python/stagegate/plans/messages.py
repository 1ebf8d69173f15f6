"""What a person is told of a plan: short enough for a mail's subject line, and complete enough to act on."""

from collections.abc import Iterable, Sequence

from stagegate.core.findings import Finding
from stagegate.core.messages.mail import Labels, Message, mail
from stagegate.plans.kinds import difference_of, headline, kinds_of, stages_of
from stagegate.plans.plan import Plan
from stagegate.plans.question import as_json
from stagegate.plans.wording import Planned


def message_of(planned: Planned, can: str) -> Message:
    """Return what the approvers are told about a plan that is about to be, or was, applied.

    `can` says what a stage with access may do: `sees it`.
    """
    plan, wording, decision = planned.plan, planned.wording, planned.plan.decision
    name, status = decision.subject.name, decision.status
    what = decision.subject.kind.replace("-", " ").capitalize()
    version = "" if wording.version is None else f" (version {wording.version})"
    parts = [
        [f"{what} {name} is {status}{version}.", decision.subject.arn],
        list(wording.about),
        _listed("What has changed by itself, or earlier in this run:", decision.drift),
        _listed("What is another than when you were asked last:", plan.since_asked),
        _changes(plan),
        _listed("Documents:", decision.documents),
        [f"Who {can} after that{_but_for_paused(plan)}:", *wording.access],
        _listed("Found:", _found(plan.record.findings)),
        [*wording.to_decide, *_until_edited(decision.version)] if wording.to_decide else [],
    ]
    kinds, difference = kinds_of(planned), difference_of(planned)
    labels = Labels(
        kind=kinds,
        subject_type=decision.subject.kind,
        stages=stages_of(planned),
        risk=wording.risk,
        audience=planned.audience,
    )
    details = {
        "name": name,
        "status": status,
        "version": decision.version,
        "opened": [*difference.opened, *difference.more],
        "closed": [*difference.closed, *difference.less],
        "held_back": plan.is_held_back,
        "changes": [change.line() for change in decision.changes],
        "findings": [finding.as_json() for finding in plan.record.findings],
        "waiting": list(decision.waiting),
        "question": as_json(wording.question) if wording.question else None,
    }
    return mail(headline(planned, kinds[0]), parts, labels, details)


def _found(findings: Iterable[Finding]) -> list[str]:
    """Return each finding once, with the stages that it is about where its words don't name them."""
    stages: dict[str, list[str]] = {}
    for each in findings:
        about = [each.stage] if each.stage and each.stage not in each.detail else []
        stages.setdefault(f"[{each.severity}] {each.code}: {each.detail}", []).extend(about)
    return [f"{line} ({', '.join(dict.fromkeys(about))})" if about else line for line, about in stages.items()]


def _but_for_paused(plan: Plan) -> str:
    return ", if governance.toml didn't say paused" if plan.is_held_back else ""


def _until_edited(version: int | None) -> list[str]:
    """Say what an answer is about: no command names a version of a card, or the bytes of a package."""
    which = "" if version is None else f" version {version}"
    return [f"This asks about{which} as it is now. What is edited after this message is asked about in another one."]


def _changes(plan: Plan) -> list[str]:
    lines = [change.line() for change in plan.decision.changes]
    if plan.is_held_back:
        return _listed(f"What would change{_but_for_paused(plan)}:", lines)
    return _listed("What changes:", lines) or ["Access doesn't change."]


def _listed(title: str, lines: Sequence[str]) -> list[str]:
    return [title, *(f"- {line}" for line in lines)] if lines else []
