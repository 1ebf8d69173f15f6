"""`check`: whether a governance.toml is one that can be deployed."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path

from stagegate.core.errors import SettingsError
from stagegate.rules.__main__ import for_all, mixed, summary
from stagegate.rules.checks import outsiders
from stagegate.rules.checks.gates import few
from stagegate.rules.load import load, remarks
from stagegate.rules.model import Rules
from stagegate_cli import codes, documents
from stagegate_cli.screen import Screen

_NOBODY = "000000000000"
"""The governance account, where it isn't known: every id is as long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What is wrong with a file, a line each; `summary` says in one line what its rules are about, "" if none can be
    read.
    """

    file: str
    summary: str
    problems: list[str]
    warnings: list[str]

    @property
    def code(self) -> int:
        """The exit code."""
        return codes.FAILED if self.problems else codes.OK


def check(path: Path, *, partition: str | None, account: str | None, prefix: str) -> Checked:
    """Return what is wrong with the file by itself: its form, AWS's quotas, and what its documents weigh."""
    try:
        rules = load(path, partition, partial(outsiders.check, prefix=prefix, account=account))
    except SettingsError as error:
        return Checked(file=str(path), summary="", problems=str(error).splitlines(), warnings=[])
    weighed = documents.of_rules(
        rules,
        account=account or _NOBODY,
        region="us-east-1",
        partition=partition or "aws",
        prefix=prefix,
        role_path="/",
    )
    problems = [f"{path}: {line}" for each in weighed for line in each.problems]
    also = (*for_all(rules), *mixed(rules), *few(rules))
    warnings = [*remarks(path), *(line.removeprefix("warning: ") for line in also)]
    return Checked(file=str(path), summary=summary(rules), problems=problems, warnings=warnings)


def accounts_of(rules: Rules) -> set[str]:
    """Return every account that the rules name for a stage."""
    return {account for stage in rules.stages for account in stage.accounts}


def show(found: Checked, screen: Screen) -> None:
    """Print it for people."""
    if found.problems:
        screen.line(f"{len(found.problems)} wrong in {found.file}", "bad")
        for line in found.problems:
            screen.prose(line, indent="    ", first="  - ")
        return
    screen.line(f"ok {found.file}", "good")
    screen.prose(found.summary)
    for line in found.warnings:
        screen.prose(f"warning: {line}", style="note")
