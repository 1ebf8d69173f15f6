"""Prints the IAM policy that a stage's roles need for all that governance.toml may open to them: their half of it."""

import argparse
import sys
from pathlib import Path

from stagegate_cli.consumer import FORMATS, Asked, policy_text
from stagegate_cli.problems import Problem

SETTINGS = Path(__file__).parents[1] / "layers/settings/governance.toml"


def main(arguments: list[str] | None = None) -> int:
    """Print the policy; or say what is wrong with an argument, and return 1."""
    try:
        print(policy_text(_arguments(arguments)))
    except Problem as problem:
        print(problem.text, file=sys.stderr)
        return 1
    return 0


def _arguments(arguments: list[str] | None) -> Asked:
    parser = argparse.ArgumentParser(prog="python -m tools.consumer_policy", description=__doc__)
    parser.add_argument("stage", metavar="STAGE", help="a stage of the settings")
    parser.add_argument("account", metavar="ACCOUNT", help=FORMATS["ACCOUNT"][1])
    parser.add_argument("--for", dest="consumer", help="one of the stage's accounts; for all of them unless given")
    parser.add_argument("--region", default="*", help=f"{FORMATS['--region'][1]}, which it is unless given")
    parser.add_argument("--partition", help=f"{FORMATS['--partition'][1]}; the Region's unless given")
    parser.add_argument("--settings", type=Path, default=SETTINGS, help="the governance.toml to read")
    return Asked(**vars(parser.parse_args(arguments)))


if __name__ == "__main__":
    sys.exit(main())
