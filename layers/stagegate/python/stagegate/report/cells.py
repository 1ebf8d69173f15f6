"""The report as CSV: one row for each grant, for spreadsheets."""

import csv
import io

from stagegate.core.untrusted import one_line
from stagegate.report.model import Model, OpenGrant, Report

COLUMNS = (
    "model",
    "kind",
    "arn",
    "status",
    "version",
    "audience",
    "stage",
    "accounts",
    "roles",
    "can",
    "surface",
    "through",
    "since",
    "approval",
    "approved_by",
    "accounts_outside_the_rules",
)
"""Accounts and roles stand in one cell each, with a space between two: a model may be open to hundreds of accounts."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""How a cell begins that a spreadsheet may run ("CSV Injection", OWASP)."""


def as_csv(report: Report) -> str:
    """Return the report as CSV (RFC 4180), with a row of headings. A model that is open to nobody has one row without a
    stage.
    """
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for model in report.models:
        writer.writerows([map(cell, _row(model, grant)) for grant in model.grants or (None,)])
    return text.getvalue()


def cell(value: object) -> str:
    """Return a value as a cell: one line of text that no spreadsheet takes for a formula."""
    text = one_line("" if value is None else str(value), None)
    return f"'{text}" if text.lstrip().startswith(_FORMULA) else text


def _row(model: Model, found: OpenGrant | None) -> list[object]:
    subject, now = model.record.subject, model.record.now
    about: list[object] = [subject.name, subject.kind, subject.arn, now and now.status, now and now.version]
    about.append(model.audience)
    if found is None:
        return about + [""] * (len(COLUMNS) - len(about))
    grant = found.grant
    return [
        *about,
        grant.stage,
        " ".join(grant.accounts),
        " ".join(found.roles),
        found.can,
        found.surface,
        grant.target or grant.share_arn,
        grant.since.isoformat(),
        grant.approval,
        grant.approved_by,
        " ".join(found.outside),
    ]
