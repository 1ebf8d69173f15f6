"""Each member stack's parameters, and commands that the AWS CLI takes as they are printed."""

import json
import subprocess
import sys
import threading
import urllib.parse
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from samcli.yamlhelper import yaml_parse

from stagegate.rules.fence_kind import FenceKind
from stagegate.rules.load import load
from tests.support.fixtures import SHIPPED
from tools.deploy import member_stacks
from tools.deploy.members import Governance, overrides, shared

ROOT = Path(__file__).parents[4]
EVERY_KEY = ROOT / "tools" / "rules_reference" / "every_key.toml"
OUTSIDE = ROOT / "tests" / "integration" / "cards" / "outside.toml"
GOVERNANCE = Governance(account="110987654321", region="eu-west-1")
DEV, PROD = "222233334444", "444455556666"
MEMBER = yaml_parse((ROOT / "member-template.yaml").read_text())


def test_every_account_of_the_rules_has_what_lies_there() -> None:
    found = overrides(load(EVERY_KEY), GOVERNANCE)
    assert found.keys() == {DEV, PROD, "555566667777"}
    assert found[DEV]["ArtifactBuckets"] == "arn:aws:s3:::model-artifacts-*"
    assert found[DEV]["ArtifactRepositories"] == f"arn:aws:ecr:us-east-1:{DEV}:repository/training/churn"
    assert found[DEV]["GuardedRoles"] == f"arn:aws:iam::{DEV}:role/CanvasUser,arn:aws:iam::{DEV}:role/*"
    assert found[PROD] == {
        "ImportConsumers": f"arn:aws:iam::{PROD}:role/ModelOperator",
        "ImportKeys": f"arn:aws:kms:us-east-1:{PROD}:key/1a2b3c4d-5e6f-7081-92a3-b4c5d6e7f809",
        "ImportSources": DEV,
    }


def test_what_the_governance_account_owns_is_no_members() -> None:
    assert DEV not in overrides(load(EVERY_KEY), Governance(account=DEV, region="eu-west-1"))


def test_roles_that_are_fenced_by_boundary_are_named() -> None:
    rules = load(OUTSIDE)
    stages = {account: stage for stage in rules.stages for account in stage.accounts}
    for account, values in overrides(rules, GOVERNANCE).items():
        stage = stages[account]
        names = [f"arn:aws:iam::{account}:role/{role}" for role in stage.roles if stage.fence is FenceKind.BOUNDARY]
        assert values.get("FencedRoles", "") == ",".join(names)
    assert any(stage.fence is FenceKind.BOUNDARY for stage in rules.stages)


@pytest.mark.parametrize("settings", [EVERY_KEY, OUTSIDE])
def test_all_of_them_are_parameters_of_the_template_and_none_that_is_needed_is_missing(settings: Path) -> None:
    rules = load(settings)
    declared = MEMBER["Parameters"]
    everywhere = shared(rules, GOVERNANCE)
    assert {name for name, each in declared.items() if "Default" not in each} <= everywhere.keys() <= declared.keys()
    assert all(values.keys() <= declared.keys() for values in overrides(rules, GOVERNANCE).values())


def test_the_alarms_topic_is_named_as_the_governance_template_does() -> None:
    template = yaml_parse((ROOT / "template.yaml").read_text())
    name = template["Resources"][template["Outputs"]["OperationsTopic"]["Value"]["Ref"]]["Properties"]["TopicName"]
    name = name["Fn::Sub"]
    assert GOVERNANCE.alarm_topic.endswith(":" + name.replace("${Prefix}", "stagegate"))


class Requests(ThreadingHTTPServer):
    """Takes every request for granted, and keeps what it asks for."""

    seen: list[dict[str, str]]


@pytest.fixture
def requests() -> Iterator[Requests]:
    class Handler(BaseHTTPRequestHandler):
        server: Requests

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self.server.seen.append(dict(urllib.parse.parse_qsl(body)))
            action = self.server.seen[-1]["Action"]
            result = f"<{action}Result><OperationId>2</OperationId></{action}Result>"
            answer = f"<{action}Response>{result}</{action}Response>".encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            pass

    server = Requests(("127.0.0.1", 0), Handler)
    server.seen = []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("update", [False, True])
def test_the_printed_commands_of_a_stack_set_say_everything(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], requests: Requests, *, update: bool
) -> None:
    arguments = ["--account", "110987654321", "--region", "eu-west-1", "--settings", str(EVERY_KEY)]
    arguments += ["--folder", str(tmp_path / "members"), *(["--update"] if update else [])]
    assert member_stacks.main(arguments) == 0
    script = capsys.readouterr().out.replace("r-...", "r-abcd")
    aws = f'aws() {{ "{sys.executable}" -m awscli "$@" --endpoint-url http://127.0.0.1:{requests.server_port}; }}\n'
    environment = {"AWS_ACCESS_KEY_ID": "-", "AWS_SECRET_ACCESS_KEY": "-", "PATH": "/usr/bin:/bin"}
    command = ["bash", "-euc", aws + script]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    verb = "Update" if update else "Create"
    whole, *each = requests.seen
    assert (whole["Action"], whole["PermissionModel"]) == (f"{verb}StackSet", "SERVICE_MANAGED")
    assert whole["TemplateBody"] == (ROOT / "member-template.yaml").read_text()
    assert {each["Action"] for each in each} == {f"{verb}StackInstances"}
    assert [each["DeploymentTargets.Accounts.member.1"] for each in each] == [DEV, PROD, "555566667777"]
    values = {value for request in each for name, value in request.items() if name.endswith(".ParameterValue")}
    assert f"arn:aws:iam::{DEV}:role/CanvasUser,arn:aws:iam::{DEV}:role/*" in values


COMPANY = {
    "role-path": "/automation/",
    "permissions-boundary": "bounds/Workload",
    "import-role-boundary": "bounds/Imports",
    "tags": "owner=ml cost-center=4711",
}


@pytest.mark.parametrize(
    ("settings", "file", "tags"),
    [(EVERY_KEY, "all", "Key=owner,Value=ml Key=cost-center,Value=4711"), (OUTSIDE, "333344445555", COMPANY["tags"])],
)
def test_what_a_company_asks_of_every_role_reaches_the_members(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], settings: Path, file: str, tags: str
) -> None:
    given = {"account": "110987654321", "region": "eu-west-1", "settings": str(settings), "folder": str(tmp_path / "m")}
    assert member_stacks.main([text for key, each in (given | COMPANY).items() for text in (f"--{key}", each)]) == 0
    assert f"--tags {tags} " in capsys.readouterr().out
    values = {e["ParameterKey"]: e["ParameterValue"] for e in json.loads((tmp_path / "m" / f"{file}.json").read_text())}
    assert values["RolePath"] == "/automation/"
    assert values["PermissionsBoundary"] == "bounds/Workload"
    assert values["ImportRoleBoundary"] == "bounds/Imports"


def test_outside_an_organization_each_account_gets_its_stack(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "members"
    arguments = ["--account", "110987654321", "--region", "eu-west-1", "--settings", str(OUTSIDE)]
    assert member_stacks.main([*arguments, "--folder", str(folder)]) == 0
    printed = capsys.readouterr().out
    accounts = [account for stage in load(OUTSIDE).stages for account in stage.accounts]
    assert printed.count("aws cloudformation deploy --stack-name stagegate-member --region eu-west-1") == len(accounts)
    for account in accounts:
        values = {e["ParameterKey"]: e["ParameterValue"] for e in json.loads((folder / f"{account}.json").read_text())}
        assert values["GovernanceAccountId"] == "110987654321"
        assert values["ExternalId"] == load(OUTSIDE).organization.external_id


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("account", "11", "ACCOUNT: found '11'; allowed: the governance account's id, 12 digits"),
        ("region", "ireland", "REGION: found 'ireland'; allowed: a Region"),
        ("role-path", "automation", "ROLE_PATH: found 'automation'; allowed: the RolePath of the governance stack"),
        ("tags", "owner", "TAGS: found 'owner'; allowed: tags as KEY=VALUE"),
        ("prefix", "Sg", "PREFIX: found 'Sg'; allowed: the Prefix of the governance stack"),
    ],
)
def test_a_wrong_word_is_named(capsys: pytest.CaptureFixture[str], name: str, value: str, said: str) -> None:
    given = {"account": "110987654321", "region": "eu-west-1", "settings": str(EVERY_KEY)} | {name: value}
    assert member_stacks.main([text for key, each in given.items() for text in (f"--{key}", each)]) == 1
    assert capsys.readouterr().err.startswith(said)


def test_the_partition_is_the_regions(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Rules of another one are refused, and the topic that is named is of there."""
    rules, folder = tmp_path / "governance.toml", tmp_path / "members"
    rules.write_text(SHIPPED.read_text())
    given = ["--account", "110987654321", "--region", "cn-north-1", "--settings", str(rules), "--folder", str(folder)]
    assert member_stacks.main(given) == 1
    assert "of the partition aws; allowed: names of aws-cn" in capsys.readouterr().err
    rules.write_text(SHIPPED.read_text().replace("arn:aws:", "arn:aws-cn:"))
    assert member_stacks.main(given) == 0
    assert "arn:aws-cn:sns:cn-north-1:110987654321:stagegate-operations" in (folder / "all.json").read_text()
