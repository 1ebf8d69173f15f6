"""The IAM policy that a stage's roles need for all that governance.toml may open to them: their half of it."""

import json
import re
from dataclasses import dataclass
from pathlib import Path

from stagegate.consumers.policy import consumer_policy
from stagegate.core.errors import SettingsError
from stagegate.core.partitions import partition_of
from stagegate.rules.load import load
from stagegate.rules.model import Rules
from stagegate.rules.narrowed.stages import of_all_audiences
from stagegate_cli import codes
from stagegate_cli.problems import Problem

FORMATS = {
    "ACCOUNT": ("[0-9]{12}", "the governance account's id, 12 digits"),
    "--region": (r"\*|[a-z]{2,4}(-[a-z]+)+-[0-9]+", 'a Region as "eu-west-1", or "*" for any'),
    "--partition": ("aws(-[a-z]+)*", 'a partition as "aws" or "aws-cn"'),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Whose policy is asked for: a stage's, in the account `consumer` or in all; `account` is governance's."""

    stage: str
    account: str
    consumer: str | None
    region: str
    partition: str | None
    settings: Path


def policy_text(asked: Asked) -> str:
    """Return the policy as JSON. Raises Problem, with one line."""
    partition = asked.partition or partition_of(asked.region)
    for name, value in (("ACCOUNT", asked.account), ("--region", asked.region), ("--partition", partition)):
        expression, meaning = FORMATS[name]
        if not re.fullmatch(expression, value):
            raise _said(name, value, meaning)
    try:
        rules = load(asked.settings, partition)
    except (SettingsError, OSError) as error:
        raise Problem(str(error), codes.USAGE) from None
    _check(rules, asked)
    policy = consumer_policy(
        rules,
        asked.stage,
        partition=partition,
        region=asked.region,
        governance_account=asked.account,
        account=asked.consumer,
    )
    if not policy["Statement"]:
        raise Problem(f"STAGE: found {asked.stage!r}, to which the rules open nothing; allowed: another", codes.USAGE)
    return json.dumps(policy, indent=2)


def _check(rules: Rules, asked: Asked) -> None:
    names = [stage.name for stage in rules.stages]
    if asked.stage not in names:
        raise _said("STAGE", asked.stage, ", ".join(names))
    accounts = of_all_audiences(rules, asked.stage).accounts
    if asked.consumer is not None and asked.consumer not in accounts:
        raise _said("--for", asked.consumer, f"an account of {asked.stage}: {', '.join(accounts)}")
    if asked.account in (asked.consumer, *(accounts if len(accounts) == 1 else ())):
        raise _said("ACCOUNT", asked.account, FORMATS["ACCOUNT"][1], f", an account of {asked.stage}")


def _said(name: str, found: str, allowed: str, more: str = "") -> Problem:
    return Problem(f"{name}: found {repr(found) if found else 'nothing'}{more}; allowed: {allowed}", codes.USAGE)
