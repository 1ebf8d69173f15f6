"""Prints the IAM policy that a stage's roles need for all that governance.toml may open to them: their half of it."""

import argparse
import json
import re
import sys
from pathlib import Path

from stagegate.consumers.policy import consumer_policy
from stagegate.core.errors import SettingsError
from stagegate.core.partitions import partition_of
from stagegate.rules.load import load
from stagegate.rules.model import Rules
from stagegate.rules.narrowed.stages import of_all_audiences

SETTINGS = Path(__file__).parents[1] / "layers/settings/governance.toml"
FORMATS = {
    "ACCOUNT": ("[0-9]{12}", "the governance account's id, 12 digits"),
    "--region": (r"\*|[a-z]{2,4}(-[a-z]+)+-[0-9]+", 'a Region as "eu-west-1", or "*" for any'),
    "--partition": ("aws(-[a-z]+)*", 'a partition as "aws" or "aws-cn"'),
}


def main(arguments: list[str] | None = None) -> int:
    """Print the policy; or say what is wrong with an argument, and return 1."""
    given = _arguments(arguments)
    given.partition = given.partition or partition_of(given.region)
    if problem := _misspelt(given):
        print(problem, file=sys.stderr)
        return 1
    try:
        rules = load(given.settings, given.partition)
    except (SettingsError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    if problem := _problem(rules, given):
        print(problem, file=sys.stderr)
        return 1
    policy = consumer_policy(
        rules,
        given.stage,
        partition=given.partition,
        region=given.region,
        governance_account=given.account,
        account=given.consumer,
    )
    if not policy["Statement"]:
        print(f"STAGE: found {given.stage!r}, to which the rules open nothing; allowed: another", file=sys.stderr)
        return 1
    print(json.dumps(policy, indent=2))
    return 0


def _arguments(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tools.consumer_policy", description=__doc__)
    parser.add_argument("stage", metavar="STAGE", help="a stage of the settings")
    parser.add_argument("account", metavar="ACCOUNT", help=FORMATS["ACCOUNT"][1])
    parser.add_argument("--for", dest="consumer", help="one of the stage's accounts; for all of them unless given")
    parser.add_argument("--region", default="*", help=f"{FORMATS['--region'][1]}, which it is unless given")
    parser.add_argument("--partition", help=f"{FORMATS['--partition'][1]}; the Region's unless given")
    parser.add_argument("--settings", type=Path, default=SETTINGS, help="the governance.toml to read")
    return parser.parse_args(arguments)


def _misspelt(given: argparse.Namespace) -> str | None:
    """Return what the first argument is that can't be right whatever the rules are."""
    for name, value in (("ACCOUNT", given.account), ("--region", given.region), ("--partition", given.partition)):
        expression, meaning = FORMATS[name]
        if not re.fullmatch(expression, value):
            return _said(name, value, meaning)
    return None


def _problem(rules: Rules, given: argparse.Namespace) -> str | None:
    """Return what the first wrong argument is, what was found, and what is allowed."""
    names = [stage.name for stage in rules.stages]
    if given.stage not in names:
        return _said("STAGE", given.stage, ", ".join(names))
    accounts = of_all_audiences(rules, given.stage).accounts
    if given.consumer is not None and given.consumer not in accounts:
        return _said("--for", given.consumer, f"an account of {given.stage}: {', '.join(accounts)}")
    if given.account in (given.consumer, *(accounts if len(accounts) == 1 else ())):
        return _said("ACCOUNT", given.account, FORMATS["ACCOUNT"][1], f", an account of {given.stage}")
    return None


def _said(name: str, found: str, allowed: str, more: str = "") -> str:
    return f"{name}: found {repr(found) if found else 'nothing'}{more}; allowed: {allowed}"


if __name__ == "__main__":
    sys.exit(main())
