"""`python -m tools.preflight --env prod --region eu-west-1 --account ID`: one page on what is about to be deployed."""

import argparse
import re
import sys
from pathlib import Path

from stagegate.core.errors import SettingsError
from stagegate.core.partitions import partition_of
from stagegate.rules.load import load
from tools.deploy import parameters, samconfig
from tools.preflight import code, resolve, run
from tools.preflight.checks import page

ROOT = Path(__file__).parents[2]
BUILT = ROOT / ".aws-sam" / "build"
FORMATS = {
    "region": (r"[a-z]{2,4}(-[a-z]+)+-[0-9]+", 'a Region as "eu-west-1"'),
    "account": ("[0-9]{12}", "the governance account's id, 12 digits"),
}


def main(arguments: list[str] | None = None) -> int:
    """Print the page; return 1 if anything on it is wrong, or it can't be made."""
    given = _arguments(arguments)
    try:
        planned = _planned(given)
        found = list(run.checks(planned))
    except (ValueError, SettingsError) as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{planned.stack} in {planned.account}, {planned.region}; before it: {planned.before.name}")
    print(page(found))
    print("\n".join(code.digests({"template.yaml": planned.built / "template.yaml", **planned.places})))
    return int(any(check.problems for check in found))


def _planned(given: argparse.Namespace) -> run.Given:
    """Return what is to be deployed. Raises ValueError with all that is wrong about it by itself."""
    for name, (pattern, allowed) in FORMATS.items():
        if not re.fullmatch(pattern, getattr(given, name)):
            raise ValueError(f"{name.upper()}: found {getattr(given, name)!r}; allowed: {allowed}")
    settings = given.built / "SettingsLayer" / "governance.toml"
    if not settings.exists():
        raise ValueError(f"{settings}: found nothing; run `make build SETTINGS=...` first: what was built is looked at")
    environment = samconfig.read(given.config, given.env)
    template = resolve.read(given.built / "template.yaml")
    resolved = parameters.resolve(template, environment.parameters)
    if resolved.problems:
        raise ValueError("\n".join(resolved.problems))
    return run.Given(
        built=given.built,
        template=template,
        stack=environment.stack,
        values=resolved.values,
        rules=load(settings, partition_of(given.region)),
        account=given.account,
        region=given.region,
        before=given.before or run.latest_release(),
        examples=given.examples,
    )


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
