"""Reports for tests: models, accounts and what has happened to them, as many as are asked for."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from stagegate.access.model import Entry, SubjectRecord, recorded_subject
from stagegate.approvals.questions import Asked, Question
from stagegate.core.findings import Finding, blocked, warned
from stagegate.core.statuses import CardStatus, RiskRating
from stagegate.ledger.survey.table import Survey
from stagegate.plans.grants import Grant
from stagegate.report.build import report_of
from stagegate.report.model import About, Report
from stagegate.rules.audiences import Audience
from stagegate.rules.model import Rules
from tests.support.builders import APPROVER, GOVERNANCE, a_record, a_stage, some_rules

MADE = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
ABOUT = About(account=GOVERNANCE, region="us-east-1", partition="aws", prefix="stagegate", made=MADE, by="a release")
TEAMS = ("churn", "fraud", "pricing", "risk")
STATUSES = ("Archived", "Draft", "PendingReview", "Approved")
"""The first opens no stage, and each of the others one more."""
_STAGES = ("dev", "test", "prod")


def rules_for(accounts: int) -> Rules:
    """Three stages that share these accounts, and an audience for each team."""
    ids = [f"{200_000_000_000 + number}" for number in range(accounts)]
    stages = [
        a_stage(name, *ids[number :: len(_STAGES)], roles=[f"{name}-user"]) for number, name in enumerate(_STAGES)
    ]
    audiences = tuple(Audience(name=team, cards=(f"{team}-*",), groups=(f"{team}-*",)) for team in TEAMS)
    return replace(some_rules(stages=stages), audiences=audiences)


def a_record_of(
    name: str,
    rules: Rules,
    *,
    number: int = 0,
    entries: int = 12,
    findings: Iterable[Finding] = (),
    changes: Iterable[str] = (),
) -> SubjectRecord:
    """A card whose runs have opened and closed its stages, three days apart; each card's differ."""
    history = tuple(
        Entry(
            at=MADE - timedelta(days=3 * (entries - run), minutes=number % 1000),
            execution=f"arn:aws:states:us-east-1:{GOVERNANCE}:execution:govern:{number:08x}-{run:04x}-4000-8000-a9b8c7d6e5f4",
            outcome="changes",
            status=STATUSES[(number + run) % len(STATUSES)],
            version=run + 1,
            content_hash="one",
            grants=tuple(
                _grants(rules, (number + run) % (len(_STAGES) + 1), MADE - timedelta(days=3 * (entries - run)))
            ),
            findings=tuple(findings) if run == entries - 1 else (),
            changes=tuple(changes) or (f"add {name} to the share of stage {_STAGES[run % len(_STAGES)]}",),
        )
        for run in range(entries)
    )
    return SubjectRecord(
        subject=recorded_subject(f"arn:aws:sagemaker:us-east-1:{GOVERNANCE}:model-card/{name}"),
        now=replace(history[-1], changes=()) if history else None,
        history=history,
        records=(a_record(CardStatus.APPROVED, seconds=number),),
        questions=_questions(entries) if number % 40 == 1 else (),
    )


def a_report(models: int = 12, accounts: int = 9, *more: SubjectRecord) -> Report:
    """A report about so many cards of the teams, and `more`."""
    rules = rules_for(accounts)
    records = [
        a_record_of(f"{TEAMS[number % len(TEAMS)]}-model-{number:05}", rules, number=number, findings=_findings(number))
        for number in range(models)
    ]
    return report_of(Survey(subjects=(*records, *more)), rules, ABOUT, sid_prefix="Stagegate000000")


def _grants(rules: Rules, stages: int, since: datetime) -> Iterable[Grant]:
    for stage in rules.stages[:stages]:
        is_prod = stage.name == "prod"
        yield Grant(
            stage=stage.name,
            accounts=stage.accounts,
            write=stage.name == "dev",
            permission="card",
            since=since,
            share_arn=f"arn:aws:ram:us-east-1:{GOVERNANCE}:resource-share/{stage.name}",
            approval="a-record" if is_prod else None,
            approved_by=f"{APPROVER.arn} at {since:%Y-%m-%d %H:%M:%S} UTC" if is_prod else "",
        )


def _findings(number: int) -> Iterable[Finding]:
    if number % 50 == 7:
        yield blocked("NotAnApprover", "dave set Approved, and is not on the approver list of prod.")
    if number % 80 == 3:
        yield warned("KeyUnusable", "The key of the card is disabled.")


def _questions(version: int) -> tuple[Question, ...]:
    asked = Asked(version=version, content_hash="one", risk=RiskRating.HIGH)
    return (Question(id="a-run#0", at=MADE - timedelta(days=2), asked=asked),)
