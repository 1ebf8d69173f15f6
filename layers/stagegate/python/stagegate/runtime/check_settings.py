"""Checks a settings file before it is deployed: `python -m stagegate.runtime.check_settings FILE`."""

import sys
from pathlib import Path

from stagegate.domain.errors import SettingsError
from stagegate.domain.rules import Rules

from .settings import load


def summary(rules: Rules) -> str:
    """Return in one line what the rules are about."""
    guarded = sorted({approvers.stage for approvers in rules.approvers})
    registering = sorted({registration.stage for registration in rules.registrations})
    return ", ".join(
        (
            f"{len(rules.stages)} stages ({' '.join(stage.name for stage in rules.stages)})",
            f"approvers for {' '.join(guarded)}" if guarded else "no approvers",
            f"organization {rules.organization.id}" if rules.organization.id else "no organization",
            *(["model packages"] if rules.packages else []),
            *([f"registering from {' '.join(registering)}"] if registering else []),
            *(["paused"] if rules.paused else []),
        )
    )


def main(path: Path) -> int:
    """Print a summary of the file, or everything that is wrong with it. Return the exit code."""
    try:
        rules = load(path)
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"ok {path}: {summary(rules)}")
    return 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m stagegate.runtime.check_settings FILE")
    sys.exit(main(Path(sys.argv[1])))
