"""The command as a whole: it shows what it would run, or everything that is wrong, and deploys nothing then."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.support.fixtures import SHIPPED
from tests.support.scripted import Answer, Scripted, refusal
from tools.deploy import __main__ as deploy

ROOT = Path(__file__).parents[4]

ACCOUNTS = {
    "111122223333": "110987654321",
    "222233334444": "210987654321",
    "333344445555": "310987654321",
    "444455556666": "410987654321",
}


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What `make build` leaves, and a samconfig.toml, with accounts of somebody's own."""
    built = tmp_path / "build"
    (built / "SettingsLayer").mkdir(parents=True)
    (built / "template.yaml").write_text((ROOT / "template.yaml").read_text())
    rules, config = SHIPPED.read_text(), (ROOT / "samconfig.toml").read_text()
    for example, own in ACCOUNTS.items():
        rules, config = rules.replace(example, own), config.replace(example, own)
    (built / "SettingsLayer" / "governance.toml").write_text(rules)
    (tmp_path / "samconfig.toml").write_text(config)
    monkeypatch.setattr(deploy, "BUILT", built)
    return tmp_path


def run(checkout: Path, *more: str, env: str = "prod", region: str = "eu-west-1") -> int:
    config = str(checkout / "samconfig.toml")
    return deploy.main(["--env", env, "--region", region, "--config", config, "--show", *more])


def test_the_command_is_shown_with_every_parameter(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(checkout, "--account", "110987654321") == 0
    shown = capsys.readouterr().out
    assert 'OrganizationId="o-stagegate01"' in shown
    assert 'LogRetentionDays="3653"' in shown
    assert 'SweepSchedule="rate(6 hours)"' in shown


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"region": "ireland"}, "REGION: found 'ireland'; allowed: a Region as \"eu-west-1\""),
        ({"region": ""}, "REGION: found ''; allowed"),
        ({"env": "production"}, "ENV: found 'production'; allowed, of"),
    ],
)
def test_a_wrong_word_is_named(
    checkout: Path, capsys: pytest.CaptureFixture[str], options: dict[str, str], said: str
) -> None:
    assert run(checkout, "--account", "110987654321", **options) == 1
    error = capsys.readouterr().err
    assert error.startswith(said)
    assert error.endswith("nothing was deployed\n")


def test_an_account_is_twelve_digits(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(checkout, "--account", "12") == 1
    assert capsys.readouterr().err.startswith("ACCOUNT: found '12'; allowed: the governance account's id, 12 digits")


def test_nothing_is_deployed_that_wasnt_built(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (checkout / "build" / "SettingsLayer" / "governance.toml").unlink()
    assert run(checkout, "--account", "110987654321") == 1
    assert "run `make build SETTINGS=...` first" in capsys.readouterr().err


def test_all_that_is_wrong_is_said_at_once(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = checkout / "samconfig.toml"
    config.write_text(
        config.read_text()
        .replace("LogRetentionDays=3653", "LogRetentionDay=3653")
        .replace("o-stagegate01", "stagegate")
    )
    assert run(checkout, "--account", "110987654321") == 1
    assert len(capsys.readouterr().err.splitlines()) == 3


PLAN = "/aws/lambda/stagegate-plan"


class Account:
    """The governance account, as far as a deployment asks: what it answers, and whether `sam` was run."""

    def __init__(
        self, monkeypatch: pytest.MonkeyPatch, *, stack: Answer, logs: tuple[str, ...] = (), roles: Answer | None = None
    ) -> None:
        missing = refusal("ResourceNotFoundException")
        self.services = {
            "sts": Scripted("sts", GetCallerIdentity={"Account": "110987654321"}),
            "cloudformation": Scripted(
                "cloudformation",
                DescribeStacks=stack,
                DescribeStackResources=refusal("ValidationError", "Stack for stagegate-govern does not exist"),
                GetTemplate={"TemplateBody": (ROOT / "template.yaml").read_text()},
                UpdateTerminationProtection={},
            ),
            "iam": Scripted("iam", ListRoles=roles or {"Roles": [], "IsTruncated": False}),
            "dynamodb": Scripted("dynamodb", DescribeTable=missing),
            "logs": Scripted("logs", DescribeLogGroups={"logGroups": [{"logGroupName": name} for name in logs]}),
            "lambda": Scripted("lambda", GetAccountSettings={"AccountLimit": {"UnreservedConcurrentExecutions": 10}}),
        }
        self.ran: list[list[str]] = []

        def client(name: str, **_: str) -> Any:
            return self.services[name].client

        def sam(command: list[str], **_: Any) -> SimpleNamespace:
            self.ran.append(command)
            return SimpleNamespace(returncode=0)

        monkeypatch.setattr("boto3.client", client)
        monkeypatch.setattr("boto3.Session", lambda **_: SimpleNamespace(client=client))
        monkeypatch.setattr("subprocess.run", sam)

    @property
    def protected(self) -> bool:
        return "UpdateTerminationProtection" in self.services["cloudformation"].operations


def deployed(prefix: str) -> dict[str, Any]:
    values = {"Prefix": prefix, "OrganizationId": "o-stagegate01"}
    parameters = [{"ParameterKey": key, "ParameterValue": value} for key, value in values.items()]
    stack = {"StackName": "stagegate-prod", "CreationTime": "2026-11-30T00:00:00Z", "StackStatus": "UPDATE_COMPLETE"}
    return {"Stacks": [stack | {"Parameters": parameters}]}


def test_a_stack_is_deployed_and_protected_from_deletion(
    checkout: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for stack in (refusal("ValidationError", "Stack with id stagegate-prod does not exist"), deployed("stagegate")):
        account = Account(monkeypatch, stack=stack)
        config = str(checkout / "samconfig.toml")
        assert deploy.main(["--env", "prod", "--region", "eu-west-1", "--config", config]) == 0
        assert [command[:2] for command in account.ran] == [["sam", "deploy"]]
        assert account.protected
    assert "Lambda: found 10 concurrent executions" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("stack", "logs", "said"),
    [
        (deployed("other"), (), "Ledger: TableName would change from 'other-ledger' to 'stagegate-ledger'"),
        (refusal("ValidationError", "it does not exist"), (PLAN,), f"log group {PLAN}: found one of an earlier"),
    ],
)
def test_what_would_be_lost_or_is_in_the_way_stops_it(
    checkout: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    stack: Answer,
    logs: tuple[str, ...],
    said: str,
) -> None:
    account = Account(monkeypatch, stack=stack, logs=logs)
    config = str(checkout / "samconfig.toml")
    assert deploy.main(["--env", "prod", "--region", "eu-west-1", "--config", config]) == 1
    assert any(line.startswith(said) for line in capsys.readouterr().err.splitlines())
    assert account.ran == []
    assert not account.protected


def test_what_preflight_finds_stops_it(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    template = checkout / "build" / "template.yaml"
    template.write_text(template.read_text().replace("${Prefix}-ledger", "${Prefix}-book"))
    assert run(checkout, "--account", "110987654321") == 1
    assert "Ledger: TableName would change" in capsys.readouterr().err


def test_rules_of_another_partition_are_not_deployed(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(checkout, "--account", "110987654321", region="cn-north-1") == 1
    assert "of the partition aws; allowed: names of aws-cn, where this is deployed" in capsys.readouterr().err


def goes(checkout: Path, monkeypatch: pytest.MonkeyPatch, found: Answer) -> tuple[int, list[list[str]]]:
    """The status of a deployment into an account that has these roles, none of a stack of the Region, and what ran."""
    account = Account(monkeypatch, stack=refusal("ValidationError", "it does not exist"), roles=found)
    config = str(checkout / "samconfig.toml")
    return deploy.main(["--env", "prod", "--region", "eu-west-1", "--config", config]), account.ran


def roles(*prefixes: str) -> dict[str, Any]:
    names = [f"{prefix}-{name}" for prefix in prefixes for name in ("govern", "record-approval", "apply-share")]
    common = {"Path": "/", "RoleId": "AROAEXAMPLEEXAMPLE12", "CreateDate": "2026-11-30T00:00:00Z"}
    arn = "arn:aws:iam::110987654321:role/"
    return {"Roles": [{**common, "RoleName": name, "Arn": f"{arn}{name}"} for name in names], "IsTruncated": False}


def test_a_prefix_of_another_region_is_not_deployed(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert goes(checkout, monkeypatch, roles("stagegate")) == (1, [])
    assert 'Prefix: found "stagegate", whose roles are of no stack in eu-west-1' in capsys.readouterr().err
    status, ran = goes(checkout, monkeypatch, roles("gate-us"))
    assert (status, len(ran)) == (0, 1)


def test_who_may_not_list_roles_deploys_and_hears_of_it(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    status, ran = goes(checkout, monkeypatch, refusal("AccessDenied", "not authorized"))
    assert (status, len(ran)) == (0, 1)
    assert "the account's other stacks weren't looked at" in capsys.readouterr().out
