"""The report as JSON, for programs.

Accounts are listed once: a grant has the name of a list among `account_lists`. Times are ISO 8601 in UTC. Text is as
the ledger has it: who shows it escapes it. A later version may add keys, and changes `format` if one means something
else.
"""

import json
from collections.abc import Mapping
from typing import Any

from stagegate.access.model import Entry, SubjectRecord
from stagegate.access.timeline import Event
from stagegate.report.model import Model, OpenGrant, Report

FORMAT = 1


def as_json(report: Report) -> str:
    """Return the report as one JSON document in ASCII: no character in it turns the order of others."""
    lists: dict[tuple[str, ...], str] = {}
    models = [_model(model, lists) for model in report.models]
    about = report.about
    said = {
        "format": FORMAT,
        "made": about.made.isoformat(),
        "account": about.account,
        "region": about.region,
        "partition": about.partition,
        "prefix": about.prefix,
        "by": about.by,
        "notices": report.notices,
        "limits": report.limits,
        "findings": [
            {
                "arn": each.record.subject.arn,
                "code": each.finding.code,
                "severity": each.finding.severity.value,
                "detail": each.finding.detail,
            }
            for each in report.findings
        ],
        "decisions_waiting": [
            {
                "arn": each.record.subject.arn,
                "version": each.question.asked.version,
                "risk": each.question.asked.risk.value,
                "asked": each.question.at.isoformat(),
                "approvers": each.approvers,
            }
            for each in report.waiting
        ],
        "changes_of_the_week": [_change(record, entry) for record, entry in report.changes],
        "runs_behind": [record.subject.arn for record in report.behind],
        "drift": {"sweep": report.drift[0], "subjects": report.drift[1]},
        "policies": [
            {
                "target": each.target,
                "size": each.size,
                "limit": each.limit,
                "unit": each.unit,
                "subjects": each.subjects,
            }
            for each in report.documents
        ],
        "audiences": [{"audience": each.audience, "stages": each.stages} for each in report.audiences],
        "account_lists": {name: accounts for accounts, name in lists.items()},
        "models": models,
    }
    return json.dumps(said, separators=(",", ":"))


def _model(model: Model, lists: dict[tuple[str, ...], str]) -> Mapping[str, Any]:
    subject, now = model.record.subject, model.record.now
    return {
        "arn": subject.arn,
        "kind": subject.kind,
        "name": subject.name,
        "audience": model.audience,
        "status": now and now.status,
        "version": now and now.version,
        "outcome": now and now.outcome,
        "recorded": now and now.at.isoformat(),
        "access": [_grant(grant, lists) for grant in model.grants],
        "timeline": [_event(event) for event in model.events],
    }


def _grant(found: OpenGrant, lists: dict[tuple[str, ...], str]) -> Mapping[str, Any]:
    grant = found.grant
    return {
        "stage": grant.stage,
        "accounts": lists.setdefault(grant.accounts, f"accounts-{len(lists)}"),
        "outside_the_rules": found.outside,
        "roles": found.roles,
        "can": found.can,
        "surface": found.surface,
        "through": grant.target or grant.share_arn,
        "audience": grant.audience,
        "since": grant.since.isoformat(),
        "approval": grant.approval,
        "approved_by": grant.approved_by,
    }


def _event(event: Event) -> Mapping[str, Any]:
    return {
        "at": event.at.isoformat(),
        "what": event.happening.value,
        "title": event.title,
        "by": event.by,
        "lines": event.lines,
    }


def _change(record: SubjectRecord, entry: Entry) -> Mapping[str, Any]:
    return {
        "arn": record.subject.arn,
        "at": entry.at.isoformat(),
        "status": entry.status,
        "execution": entry.execution,
        "changes": entry.changes,
    }
