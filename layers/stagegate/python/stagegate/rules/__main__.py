"""Checks a settings file before it is deployed: `python -m stagegate.rules.__main__ FILE [PARTITION]`."""

import argparse
import re
import sys
from functools import partial
from pathlib import Path

from stagegate.core.errors import SettingsError
from stagegate.rules.checks import outsiders
from stagegate.rules.checks.gates import few
from stagegate.rules.load import load, remarks
from stagegate.rules.model import PackageRules, Rules
from stagegate.rules.narrowed.covers import MOST_NAMED, mixed_accounts


def summary(rules: Rules) -> str:
    """Return in one line what the rules are about."""
    guarded = sorted(
        {f"{entry.stage} ({entry.audience})" if entry.audience else entry.stage for entry in rules.approvers}
    )
    gated = {entry.stage for entry in rules.approvers}
    ungated = [stage.name for stage in rules.stages if stage.name in _opened(rules) and stage.name not in gated]
    registering = sorted({registration.stage for registration in rules.registrations})
    return ", ".join(
        (
            f"{len(rules.stages)} stages ({' '.join(stage.name for stage in rules.stages)})",
            *([f"audiences {' '.join(audience.name for audience in rules.audiences)}"] if rules.audiences else []),
            f"approvers for {' '.join(guarded)}" if guarded else "no approvers",
            *([f"opened by status alone: {' '.join(ungated)}"] if ungated else []),
            f"organization {rules.organization.id}" if rules.organization.id else "no organization",
            *([_packages(rules.packages)] if rules.packages else []),
            *([f"registering from {' '.join(registering)}"] if registering else []),
            *([f"{len(rules.guardrails)} guardrails"] if rules.guardrails else []),
            *([f"hubs {' '.join(hub.name for hub in rules.hubs)}"] if rules.hubs else []),
            *([f"imports for {' '.join(sorted({rule.stage for rule in rules.imports}))}"] if rules.imports else []),
            *(["paused"] if rules.paused else []),
        )
    )


def for_all(rules: Rules) -> list[str]:
    """Return a line for each bucket that packages of every audience open, in a file that has audiences, and one where
    no repository is kept for any.
    """
    images = "warning: there are no [[repositories]]: approvers of every audience open what packages name of any image"
    return [
        f"warning: buckets {bucket.name} has no audience: approvers of every audience open what packages name of it"
        for bucket in rules.buckets
        if rules.audiences and bucket.audience is None
    ] + ([images] if rules.audiences and rules.packages and not rules.repositories else [])


def mixed(rules: Rules) -> list[str]:
    """Return a line for the accounts whose fences have to name cards, which fit for a number of cards only."""
    accounts = mixed_accounts(rules)
    if not accounts:
        return []
    return [
        f"warning: {', '.join(accounts)}: may write some cards and only read others, so a fence there names each card"
        f" that may be written. {MOST_NAMED} of the longest names fit into its 5,120 bytes; the run that would open one"
        " more there fails. With write = true in every status that opens it, or in none, a fence names no card"
    ]


def _packages(rules: PackageRules) -> str:
    if rules.card is None:
        return (
            "model packages whatever their cards say (without packages.card; as required, it would close those whose"
            " card doesn't open the stage, too)"
        )
    return f"model packages with their cards {rules.card.replace('_', ' ')}"


def _opened(rules: Rules) -> set[str]:
    """Return the stages that any status of a card or a package opens."""
    by_cards = {access.stage for rule in rules.cards.status.values() for access in rule.opens}
    by_packages = (
        {stage for rule in rules.packages.status.values() for stage in rule.opens} if rules.packages else set()
    )
    return by_cards | by_packages | {rule.stage for rule in rules.imports}


def main(path: Path, partition: str | None = None, *, prefix: str = "stagegate", account: str | None = None) -> int:
    """Print a summary of the file, or everything that is wrong with it. Return the exit code.

    `prefix` is the stack's, and `account` the governance account, where it is known.
    """
    try:
        rules = load(path, partition, partial(outsiders.check, prefix=prefix, account=account))
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 1
    odd = [f"warning: {line}" for line in remarks(path)]
    print(f"ok {path}: {summary(rules)}", *odd, *for_all(rules), *mixed(rules), *few(rules), sep="\n")
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m stagegate.rules.__main__", description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("partition", nargs="?")
    parser.add_argument("--prefix", default="stagegate", help="how the names of all that is Stagegate's start")
    parser.add_argument("--account", help="the governance account's id")
    given = parser.parse_args()
    if given.account is not None and not re.fullmatch("[0-9]{12}", given.account):
        parser.error(f"ACCOUNT: found {given.account!r}; allowed: an account id, 12 digits")
    return given


if __name__ == "__main__":
    given = _arguments()
    sys.exit(main(given.file, given.partition, prefix=given.prefix, account=given.account))
