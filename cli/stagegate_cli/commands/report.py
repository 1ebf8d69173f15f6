"""`report`: who can use what as one page that needs nothing else, as JSON, or as CSV."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from stagegate.iam.statements import sid_prefix_of
from stagegate.ledger.survey.table import survey
from stagegate.report.build import report_of
from stagegate.report.cells import as_csv
from stagegate.report.document import as_json
from stagegate.report.model import About, Report
from stagegate.report.page import as_html
from stagegate.rules.model import Rules
from stagegate_cli import codes
from stagegate_cli.connection import Connection, calling, no_stack
from stagegate_cli.problems import Problem
from stagegate_cli.screen import Screen, some

_FORMS: Mapping[str, Callable[[Report], str]] = {"html": as_html, "json": as_json, "csv": as_csv}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """Where the report is, and how many models and findings it has."""

    file: str
    form: str
    models: int
    findings: int

    @property
    def code(self) -> int:
        """The exit code."""
        return codes.OK


def report(connection: Connection, rules: Rules, form: str, file: Path) -> Reported:
    """Write the report into a file, as `html`, `json` or `csv`. Raises Problem."""
    with calling("read the ledger", no_stack(connection)):
        said = survey(connection.client("dynamodb"), connection.table)
    about = About(
        account=connection.account,
        region=connection.region,
        partition=connection.partition,
        prefix=connection.prefix,
        made=datetime.now(UTC),
    )
    sid_prefix = sid_prefix_of(connection.account, connection.region, connection.prefix)
    found = report_of(said, rules, about, sid_prefix=sid_prefix)
    try:
        file.write_text(_FORMS[form](found), encoding="utf-8", newline="")
    except OSError as error:
        raise Problem(f"--output: {file}: {error.strerror}", codes.USAGE) from error
    return Reported(file=str(file), form=form, models=len(found.models), findings=len(found.findings))


def show(found: Reported, screen: Screen) -> None:
    """Print where it is."""
    screen.line(f"{found.file}: {some(found.models, 'model')}, {some(found.findings, 'finding')}", "good")
