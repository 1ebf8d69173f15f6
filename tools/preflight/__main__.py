"""`python -m tools.preflight --env prod --region eu-west-1 --account ID`: one page on what is about to be deployed."""

import argparse
import sys
from pathlib import Path

from stagegate_cli.checks import page
from tools.deploy.credentials import check_account
from tools.preflight import code, run
from tools.preflight.prepare import BUILT, prepared
from tools.preflight.run import ROOT


def main(arguments: list[str] | None = None) -> int:
    """Print the page; return 1 if anything on it is wrong, or it can't be made."""
    given = _arguments(arguments)
    try:
        check_account(given.account)
        planned = prepared(
            given.built,
            given.config,
            given.env,
            region=given.region,
            account=given.account,
            before=given.before,
            examples=given.examples,
        )
        found = list(run.checks(planned))
    except ValueError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{planned.stack} in {planned.account}, {planned.region}; before it: {planned.before.name}")
    print(page(found))
    print("\n".join(code.digests({"template.yaml": planned.built / "template.yaml", **planned.places})))
    return int(any(check.problems for check in found))


def _arguments(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tools.preflight", description=__doc__)
    parser.add_argument("--env", required=True, help="a table of the configuration: default, dev, prod")
    parser.add_argument("--region", required=True, help='the Region, as "eu-west-1"')
    parser.add_argument("--account", required=True, help="the governance account's id")
    parser.add_argument("--config", type=Path, default=ROOT / "samconfig.toml", help="the samconfig.toml to read")
    parser.add_argument("--built", type=Path, default=BUILT, help="what `make build` has made")
    parser.add_argument("--before", type=Path, help="a folder with the templates that are deployed now")
    parser.add_argument("--examples", action="store_true", help="let the accounts of the examples pass")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
