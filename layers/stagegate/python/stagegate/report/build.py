"""Making a report from what the ledger says and the rules that hold now."""

from collections import Counter
from collections.abc import Iterable
from datetime import timedelta

from stagegate.access.as_of import ALWAYS
from stagegate.access.model import SubjectRecord
from stagegate.access.own_rules import knowing_tags, selected_by
from stagegate.access.timeline import changed_since, timeline
from stagegate.access.waiting import decisions_waiting
from stagegate.access.who import GIVE_ACCESS, can_of, roles_of, surface_of
from stagegate.core.findings import Severity
from stagegate.ledger.survey.table import Survey
from stagegate.report.documents import document_sizes
from stagegate.report.model import About, AudienceStages, Found, Model, OpenGrant, Report
from stagegate.rules.model import Rules
from stagegate.rules.narrowed.for_subject import audience_of, for_subject
from stagegate.rules.narrowed.stages import stage_of

WEEK = timedelta(days=7)
PAUSED = "governance.toml says paused: runs plan and report, and change nothing."
WITHDRAWN = "Stagegate is withdrawn: nothing that it governs is to be open, whatever the rules and approvals say."
SCAN = "The ledger was read page after page while runs may have gone on: each model is as it was at one moment of that."


def report_of(survey: Survey, rules: Rules, about: About, *, sid_prefix: str) -> Report:
    """Return the report. `rules` are the whole file's, `sid_prefix` is that of the stack's statements."""
    rules = survey.settled(rules, about.account)
    records = survey.subjects
    drifting = sum(len(page.drifting) + len(page.failed) for page in survey.sweep_pages)
    return Report(
        about=about,
        models=tuple(_models(records, rules)),
        findings=_findings(records),
        waiting=decisions_waiting(records, rules),
        changes=changed_since(records, about.made - WEEK),
        documents=document_sizes(survey.desired, about.partition, sid_prefix),
        audiences=_audiences(rules),
        behind=tuple(record for record in records if record.is_behind),
        drift=(survey.last_sweep, drifting),
        notices=(*((PAUSED,) if rules.paused else ()), *((WITHDRAWN,) if survey.is_withdrawn else ())),
        limits=(*ALWAYS, SCAN),
    )


def _models(records: Iterable[SubjectRecord], rules: Rules) -> Iterable[Model]:
    narrowed: dict[str | None, Rules] = {}
    records = tuple(records)
    known = {record.subject.arn: record for record in records}
    outside: dict[tuple[str | None, str, tuple[str, ...]], tuple[str, ...]] = {}
    for record in records:
        if record.subject.kind not in GIVE_ACCESS or record.now is None:
            continue
        by_tags = knowing_tags(record, rules, known.get(record.card))
        subject = selected_by(record, by_tags, known.get(record.card))
        audience = audience_of(by_tags, subject)
        own = narrowed.get(audience) or narrowed.setdefault(audience, for_subject(by_tags, subject))
        grants = []
        for grant in record.grants:
            place = (audience, grant.stage, grant.accounts)
            if place not in outside:
                inside = frozenset(each for stage in own.stages if stage.name == grant.stage for each in stage.accounts)
                outside[place] = tuple(each for each in grant.accounts if each not in inside)
            grants.append(
                OpenGrant(
                    grant=grant,
                    can=can_of(record.subject, grant),
                    surface=surface_of(grant),
                    roles=roles_of(own, record.subject, grant.stage),
                    outside=outside[place],
                )
            )
        yield Model(record=record, grants=tuple(grants), events=timeline(record), audience=audience)


def _findings(records: Iterable[SubjectRecord]) -> tuple[Found, ...]:
    """Return all findings that stand: what blocks first, then the codes that most subjects have."""
    found = [
        Found(record=record, finding=finding) for record in records if record.now for finding in record.now.findings
    ]
    common = Counter(each.finding.code for each in found)
    return tuple(
        sorted(
            found,
            key=lambda each: (
                each.finding.severity is not Severity.BLOCK,
                -common[each.finding.code],
                each.finding.code,
                each.record.subject.arn,
            ),
        )
    )


def _audiences(rules: Rules) -> tuple[AudienceStages, ...]:
    chosen = rules.audiences or (None,)
    return tuple(
        AudienceStages(
            audience=each.name if each else "",
            stages={stage.name: stage_of(stage, each).accounts for stage in rules.stages},
        )
        for each in chosen
    )
