"""The report as one HTML page: no network, no script from elsewhere, and a policy that allows its own by hash."""

import base64
import hashlib
from collections.abc import Iterable, Mapping
from itertools import groupby
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from stagegate.core.untrusted import one_line
from stagegate.report.model import DocumentSize, Found, Report
from stagegate.report.page_data import LONGEST, page_data

ASSETS = Path(__file__).parent / "assets"
_DATA = '<script type="application/json" id="data">'

MOST_BYTES = 5_000_000
"""Of a page. What the lists take of it, the models' events haven't."""
MOST_ROWS = 200
"""Rows of a list; the JSON beside the page has all."""
MOST_LINES = 8
"""Lines of a change that are shown."""
BRIEF = 160
"""Characters of a change that are shown before somebody opens it or the model."""
FINDINGS = 400
"""Findings of all codes together, shared out evenly, and some of each code in any case."""


FEW_ROWS = 12
"""Changes of the week that are shown before somebody asks for the others."""


def as_html(report: Report) -> str:
    """Return the page. All text of others is escaped by Jinja2, or stands in JSON that the script shows as text."""
    script, style = _asset("report.js"), _asset("report.css")
    environment = Environment(
        loader=FileSystemLoader(ASSETS),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"brief": brief, "shown": shown, "thousands": thousands}
    said = {
        "report": report,
        "findings": _by_code(report.findings),
        "changes": report.changes[:MOST_ROWS],
        "waiting": report.waiting[:MOST_ROWS],
        "behind": report.behind[:MOST_ROWS],
        "documents": report.documents[:MOST_ROWS],
        "figures": _figures(report),
        "fill": _fill,
        "most": MOST_LINES,
        "few": FEW_ROWS,
        "policy": _policy(script, style),
        # Ours, to the letter: the policy has their hashes.
        "style": Markup(style),  # noqa: S704
        "script": Markup(script),  # noqa: S704
    }
    # Whatever others have written is escaped: no quote of theirs is one.
    before, mark, after = environment.get_template("report.html.j2").render(said).partition(_DATA)
    return "".join((before, mark, page_data(report, MOST_BYTES - len(before.encode()) - len(after.encode())), after))


def shown(text: object) -> str:
    """Return text as a page shows it: one line, without what can't be seen or turns the order of others."""
    return one_line(str(text), LONGEST)


def brief(text: object) -> str:
    """Return the beginning of a text, as `shown` shows it."""
    said = one_line(str(text))
    return said if len(said) <= BRIEF else f"{said[:BRIEF].rstrip()} …"


def thousands(number: int) -> str:
    """Return a number as people read it."""
    return f"{number:,}"


def _asset(name: str) -> str:
    return (ASSETS / name).read_text(encoding="utf-8")


def _policy(script: str, style: str) -> str:
    """Return the Content-Security-Policy: this script and this style, and nothing else from anywhere."""
    return (
        f"default-src 'none'; script-src '{_hash(script)}'; style-src '{_hash(style)}'; base-uri 'none'; form-action"
        " 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
    )


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _by_code(findings: Iterable[Found]) -> list[Mapping[str, Any]]:
    """Return the findings by their codes, as they come."""
    by_code = [
        list(found) for _, found in groupby(findings, key=lambda each: (each.finding.code, each.finding.severity))
    ]
    most = max(10, FINDINGS // max(1, len(by_code)))
    return [
        {
            "code": found[0].finding.code,
            "severity": found[0].finding.severity.value,
            "count": len(found),
            "rows": found[:most],
        }
        for found in by_code
    ]


def _figures(report: Report) -> Mapping[str, int]:
    return {
        "models": len(report.models),
        "open": sum(bool(model.grants) for model in report.models),
        "accounts": len({each for model in report.models for g in model.grants for each in g.grant.accounts}),
        "waiting": len(report.waiting),
        "blocking": sum(each.finding.severity == "block" for each in report.findings),
        "warnings": sum(each.finding.severity == "warn" for each in report.findings),
        "changes": len(report.changes),
        "outside": sum(any(g.outside for g in model.grants) for model in report.models),
    }


def _fill(document: DocumentSize) -> Mapping[str, Any]:
    """Return how full a document is, in percent and in one word."""
    percent = round(100 * document.share, 1)
    return {"percent": percent, "level": "full" if percent >= 90 else "high" if percent >= 70 else "fine"}
