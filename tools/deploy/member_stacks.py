"""`python -m tools.deploy.member_stacks --account ID --region eu-west-1`: what the member accounts are deployed with.

Writes the parameters of each account into a folder, and prints the commands that deploy them: a service-managed stack
set inside an organization, a stack for each account outside of one.
"""

import argparse
import json
import re
import shutil
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from stagegate.core.errors import SettingsError
from stagegate.core.partitions import partition_of
from stagegate.rules.load import load
from tools.deploy import members
from tools.deploy.credentials import REGION
from tools.deploy.members import Governance

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / ".aws-sam" / "members"
FORMATS = {
    "account": ("[0-9]{12}", "the governance account's id, 12 digits"),
    "region": (REGION, 'a Region as "eu-west-1"'),
    "partition": ("aws(-[a-z]+)*", 'a partition as "aws" or "aws-cn"'),
    "prefix": ("[a-z][a-z0-9-]{2,19}", "the Prefix of the governance stack"),
    "role_path": ("/([A-Za-z0-9_+=,.@-]+/)*", "the RolePath of the governance stack"),
    "permissions_boundary": ("[A-Za-z0-9_+=,.@/-]*", "a managed policy of every member, by its path and name"),
    "import_role_boundary": ("[A-Za-z0-9_+=,.@/-]*", "the ImportRoleBoundary of the governance stack"),
    "tags": (r"([^ ='\"]+=[^ ='\"]*( [^ ='\"]+=[^ ='\"]*)*)?", "tags as KEY=VALUE, separated by spaces"),
}
_SET = "--stack-set-name $STACK_SET --region $REGION --call-as $CALL_AS"


def main(arguments: list[str] | None = None) -> int:
    """Write and print; or say what is wrong with an argument, and return 1."""
    given = _arguments(arguments)
    given.partition = given.partition or partition_of(given.region)
    for name, (pattern, allowed) in FORMATS.items():
        if not re.fullmatch(pattern, getattr(given, name)):
            print(f"{name.upper()}: found {getattr(given, name)!r}; allowed: {allowed}", file=sys.stderr)
            return 1
    try:
        rules = load(given.settings, given.partition)
    except (SettingsError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    governance = Governance(
        account=given.account,
        region=given.region,
        partition=given.partition,
        prefix=given.prefix,
        role_path=given.role_path,
        permissions_boundary=given.permissions_boundary,
        import_role_boundary=given.import_role_boundary,
    )
    shared, own = members.shared(rules, governance), members.overrides(rules, governance)
    shutil.rmtree(given.folder, ignore_errors=True)
    given.folder.mkdir(parents=True)
    _write(given.folder / "all.json", shared)
    for account, values in own.items():
        # A stack set has the shared parameters; a stack by itself needs them too.
        _write(given.folder / f"{account}.json", values if rules.organization.id else shared | values)
    if given.delete:
        print("\n".join(deletion(governance, own, in_set=bool(rules.organization.id))))
        return 0
    verb = "update" if given.update else "create"
    tags = given.tags.split()
    in_set = _stack_set(given.folder, governance, own, tags, verb=verb)
    print("\n".join(in_set if rules.organization.id else _stacks(given.folder, governance, own, tags)))
    return 0


def _arguments(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tools.deploy.member_stacks", description=__doc__)
    parser.add_argument("--account", required=True, help=FORMATS["account"][1])
    parser.add_argument("--region", required=True, help=FORMATS["region"][1])
    parser.add_argument("--partition", help=f"{FORMATS['partition'][1]}; the Region's unless given")
    parser.add_argument("--prefix", default="stagegate", help=f"{FORMATS['prefix'][1]}; stagegate unless given")
    parser.add_argument("--role-path", default="/", help=f"{FORMATS['role_path'][1]}; / unless given")
    for name in ("permissions-boundary", "import-role-boundary", "tags"):
        parser.add_argument(f"--{name}", default="", help=FORMATS[name.replace("-", "_")][1])
    parser.add_argument("--settings", type=Path, required=True, help="the governance.toml to read")
    parser.add_argument("--update", action="store_true", help="the commands for a stack set that is there")
    parser.add_argument("--delete", action="store_true", help="the commands that delete them")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where to write")
    return parser.parse_args(arguments)


def _write(path: Path, values: Mapping[str, str]) -> None:
    """Write parameters as CloudFormation takes them from a file: commas in a list need no escape there."""
    listed = [{"ParameterKey": name, "ParameterValue": value} for name, value in values.items()]
    path.write_text(json.dumps(listed, indent=2) + "\n", encoding="utf-8")


def _stack_set(
    folder: Path, governance: Governance, own: Mapping[str, object], tags: list[str], *, verb: str
) -> Iterator[str]:
    yield "# In the management account; in a delegated one CALL_AS=DELEGATED_ADMIN (docs/deploy.md)."
    yield "# ROOT is the root, or the organizational unit that all these accounts are below."
    yield f"STACK_SET={governance.prefix}-member REGION={governance.region} CALL_AS=SELF ROOT=r-..."
    yield f"aws cloudformation {verb}-stack-set --template-body file://member-template.yaml \\"
    yield f"    {_SET} \\"
    yield "    --permission-model SERVICE_MANAGED --capabilities CAPABILITY_NAMED_IAM \\"
    yield "    --auto-deployment Enabled=false --managed-execution Active=true \\"
    if tags:
        pairs = (tag.partition("=") for tag in tags)
        yield f"    --tags {' '.join(f'Key={key},Value={value}' for key, _, value in pairs)} \\"
    yield f"    --parameters file://{folder}/all.json"
    for account in own:
        targets = f"Accounts={account},AccountFilterType=INTERSECTION,OrganizationalUnitIds=$ROOT"
        yield f"aws cloudformation {verb}-stack-instances --regions $REGION \\"
        yield f"    {_SET} \\"
        yield f"    --deployment-targets {targets} --operation-preferences FailureToleranceCount=0 \\"
        yield f"    --parameter-overrides file://{folder}/{account}.json"


def deletion(governance: Governance, own: Mapping[str, object], *, in_set: bool) -> Iterator[str]:
    """Yield the commands that delete the stacks. A stack set goes when it has no stack left."""
    yield "# Only when nothing is open any more: the roles that close are in these stacks (docs/remove.md)."
    if not in_set:
        for account in own:
            stack = f"--stack-name {governance.prefix}-member --region {governance.region}"
            yield f"# With credentials of {account}:"
            yield f"aws cloudformation delete-stack {stack}"
            yield f"aws cloudformation wait stack-delete-complete {stack}"
        return
    yield "# In the management account; in a delegated one CALL_AS=DELEGATED_ADMIN. ROOT as it was deployed."
    yield f"STACK_SET={governance.prefix}-member REGION={governance.region} CALL_AS=SELF ROOT=r-..."
    targets = f"Accounts={','.join(own)},AccountFilterType=INTERSECTION,OrganizationalUnitIds=$ROOT"
    yield "aws cloudformation delete-stack-instances --regions $REGION --no-retain-stacks \\"
    yield f"    {_SET} \\"
    yield f'    --deployment-targets "{targets}" --operation-preferences FailureToleranceCount=0'
    yield "# Once it lists none any more:"
    yield f"aws cloudformation list-stack-instances {_SET}"
    yield f"aws cloudformation delete-stack-set {_SET}"


def _stacks(folder: Path, governance: Governance, own: Mapping[str, object], tags: list[str]) -> Iterator[str]:
    for account in own:
        yield f"# With credentials of {account}:"
        yield f"aws cloudformation deploy --stack-name {governance.prefix}-member --region {governance.region} \\"
        yield "    --template-file member-template.yaml --capabilities CAPABILITY_NAMED_IAM \\"
        if tags:
            yield f"    --tags {' '.join(tags)} \\"
        yield f"    --no-fail-on-empty-changeset --parameter-overrides file://{folder}/{account}.json"
        yield f"aws cloudformation update-termination-protection --stack-name {governance.prefix}-member \\"
        yield f"    --region {governance.region} --enable-termination-protection"


if __name__ == "__main__":
    sys.exit(main())
