"""The check before a deployment: nothing is wrong with what is shipped, and each check finds a seeded mistake."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.fixtures import SHIPPED
from tools.preflight import __main__ as preflight
from tools.preflight import code, forbidden, run

ROOT = Path(__file__).parents[4]
GOVERNANCE, STAGES = "111122223333", "222233334444,333344445555,444455556666"
BUCKET, KEY = "arn:aws:s3:::", f"arn:aws:kms:eu-west-1:{GOVERNANCE}:key/01234567-89ab-cdef-0123-4567"
GUARDRAIL = f"""
[[guardrails]]
name = "heavy"
by = "scp"
accounts = ["444455556666"]
bedrock = {{ deny = [{", ".join(f'"vendor{number:03}.a-model-with-a-long-name-v1:0"' for number in range(150))}] }}
"""
AUDIENCE = "  Audience:\n    Type: AWS::SNS::Topic\n    Properties: {TopicName: audience}\n\n"
POLICY = """  Another{number}:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      Roles: [!Ref PlanRole]
      PolicyDocument: {{}}

"""


class Checkout:
    """What is looked at, copied: a test changes one thing, and looks."""

    def __init__(self, folder: Path) -> None:
        self.built, self.config, self.before = folder / "build", folder / "samconfig.toml", folder / "before"
        self.template, self.rules = self.built / "template.yaml", self.built / "SettingsLayer" / "governance.toml"
        self.rules.parent.mkdir(parents=True)
        shutil.copyfile(ROOT / "template.yaml", self.template)
        shutil.copyfile(SHIPPED, self.rules)
        shutil.copyfile(ROOT / "samconfig.toml", self.config)
        shutil.copytree(run.latest_release(), self.before)

    def set(self, name: str, value: str) -> None:
        """Give a parameter of `prod` another value."""
        head, prod = self.config.read_text().split("[prod.global")
        line = next(line for line in prod.splitlines() if line.strip().startswith(f'"{name}='))
        changed = prod.replace(line, f'    "{name}={value}",')
        self.config.write_text(f"{head}[prod.global{changed}")

    def change(self, old: str, new: str, path: Path | None = None) -> None:
        """Change the template, or another file."""
        path = path or self.template
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))

    def look(self, *more: str) -> int:
        given = ["--env", "prod", "--region", "eu-west-1", "--account", GOVERNANCE, "--config", str(self.config)]
        return preflight.main([*given, "--built", str(self.built), "--before", str(self.before), "--examples", *more])


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path)


def test_nothing_is_wrong_with_what_is_shipped(checkout: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
    status, shown = checkout.look(), capsys.readouterr().out
    assert status == 0, shown
    assert "nothing wrong" in shown
    assert "  SettingsLayer\n" in shown, "by digests"
    assert len(shown.splitlines()) < 66, "one page"


def test_any_list_of_artifacts_that_a_parameter_can_hold_fits_into_the_policies(
    checkout: Checkout, capsys: pytest.CaptureFixture[str]
) -> None:
    repository = f"arn:aws:ecr:eu-west-1:{GOVERNANCE}:repository/"
    checkout.set("ArtifactBuckets", ",".join(f"{BUCKET}{number:063}" for number in range(53)))
    checkout.set("ArtifactKeys", ",".join(f"{KEY}{number:08}" for number in range(53)))
    checkout.set("ArtifactRepositories", ",".join(f"{repository}{number:030}" for number in range(53)))
    assert checkout.look() == 0, capsys.readouterr().out


def test_a_first_installation_may_have_what_the_last_release_had_not(checkout: Checkout) -> None:
    checkout.set("RolePath", "/automation/")
    checkout.set("PermissionsBoundary", "bounds/Workload")
    assert checkout.look() == 0


def several(count: int) -> str:
    """Account ids: those of the stages, and so many more."""
    return ",".join([STAGES, *(f"{number:012}" for number in range(count))])


SEEDED: dict[str, tuple[Callable[[Checkout], object], str]] = {
    "a bucket of the rules that no parameter names": (
        lambda c: c.rules.write_text(f'{c.rules.read_text()}\n[[buckets]]\naccount = "{GOVERNANCE}"\nname = "lost"\n'),
        "ArtifactBuckets: found nothing that fits bucket lost",
    ),
    "a guardrail that no policy can hold": (
        lambda c: c.rules.write_text(c.rules.read_text() + GUARDRAIL),
        "guardrail heavy: found ",
    ),
    "a parameter that is too long": (
        lambda c: c.set("ArtifactBuckets", ",".join(f"{BUCKET}{number:063}" for number in range(60))),
        "ArtifactBuckets: found 4,619 bytes; allowed: 4,096",
    ),
    "more accounts than a list of them can have": (
        lambda c: c.set("MemberAccounts", several(313)),
        "MemberAccounts: found 4,1",
    ),
    "a statement that fills a role": (
        lambda c: c.change("              - Sid: ReadCards\n", f"              - Sid: {'x' * 9_000}\n"),
        "PlanRole: found ",
    ),
    "a statement that fills a managed policy": (
        lambda c: c.change(
            "  PlanReadBuckets:\n",
            POLICY.format(number=1).replace("{}", f'{{Sid: "{"x" * 6_200}"}}') + "  PlanReadBuckets:\n",
        ),
        "Another1: found ",
    ),
    "an eleventh managed policy": (
        lambda c: c.change(
            "  PlanReadBuckets:\n", "".join(POLICY.format(number=each) for each in range(11)) + "  PlanReadBuckets:\n"
        ),
        "PlanRole: found 11 policies; allowed: 10",
    ),
    "a trust policy that is too long": (
        lambda c: c.change("Service: states.amazonaws.com", f"Service: {'x' * 2_000}"),
        "GovernRole: found ",
    ),
    "a key policy that is too long": (
        lambda c: c.change("Sid: Administer", f"Sid: {'x' * 32_000}"),
        "Key: found ",
    ),
    "a topic policy that is too long": (
        lambda c: c.change("Sid: MemberAlarms", f"Sid: {'x' * 31_000}"),
        "OperationsPolicy: found ",
    ),
    "an event bus policy that is too long": (
        lambda c: c.change("Action: events:PutEvents", f"Action: {'x' * 10_200}"),
        "MembersPolicy: found ",
    ),
    "a sixth layer": (
        lambda c: c.change("      - !Ref SettingsLayer\n", "      - !Ref SettingsLayer\n" * 4),
        "PlanFunction: found 6 layers; allowed: 5",
    ),
    "a template that is too large": (
        lambda c: c.template.write_text(c.template.read_text() + "#" * 1_000_000),
        "governance: found ",
    ),
    "a table by another name": (
        lambda c: c.change("TableName: !Sub ${Prefix}-ledger", "TableName: !Sub ${Prefix}-book"),
        "Ledger: TableName would change from 'stagegate-ledger' to 'stagegate-book'",
    ),
    "a table with another key": (
        lambda c: c.change("        - AttributeName: sk\n          KeyType: RANGE\n", ""),
        "Ledger: KeySchema would change",
    ),
    "a topic that is gone": (
        lambda c: c.change("  KeyAlias:\n", AUDIENCE + "  KeyAlias:\n", c.before / "template.yaml"),
        "Audience: it would be deleted, with subscriptions",
    ),
    "a resource of another type": (
        lambda c: c.change("Type: AWS::KMS::Alias", "Type: AWS::KMS::Key", c.before / "template.yaml"),
        "KeyAlias: found AWS::KMS::Alias for AWS::KMS::Key",
    ),
    "a key that is kept no longer": (
        lambda c: c.change("UpdateReplacePolicy: Retain", "UpdateReplacePolicy: Delete"),
        "Key: found UpdateReplacePolicy Delete; allowed: Retain",
    ),
    "an access key": (
        lambda c: c.change("  Stagegate, the", f"  AKIA{'Q' * 16} Stagegate, the"),
        "template.yaml:4: found an access key id; allowed: none",
    ),
    "a placeholder": (
        lambda c: c.set("ApproverEmail", "CHANGEME@example.com"),
        "parameters:",
    ),
}


@pytest.mark.parametrize("seeded", SEEDED)
def test_a_seeded_mistake_is_found(checkout: Checkout, capsys: pytest.CaptureFixture[str], seeded: str) -> None:
    change, said = SEEDED[seeded]
    change(checkout)
    assert checkout.look() == 1
    shown = capsys.readouterr()
    wrong = [line.strip() for line in shown.out.splitlines() if line.startswith("         ")]
    assert any(line.startswith(said) for line in wrong), shown


def test_a_package_without_a_hash_is_found() -> None:
    locked = "boto3==1.40.0 \\\n    --hash=sha256:" + "a" * 64 + "\n"
    assert code.of_lock("layer.txt", f"# from pyproject.toml\n{locked}").problems == ()
    (problem,) = code.of_lock("layer.txt", f"{locked}moto==5.1.0\n").problems
    assert problem.startswith("layer.txt: found moto==5.1.0; allowed: ")


@pytest.mark.parametrize(
    "text",
    [
        "-----BEGIN RSA PRIVATE KEY-----",
        f"aws_secret_access_key = {'a' * 40}",
        f"token: ghp_{'a' * 36}",
        "Endpoint: YOUR-ADDRESS",
    ],
)
def test_what_must_not_be_deployed_is_found_and_not_shown(text: str) -> None:
    (problem,) = forbidden.forbidden({"app.py": f"\n{text}\n"}).problems
    assert problem.startswith("app.py:2: found ")
    assert text not in problem


def test_code_and_definitions_have_a_size(tmp_path: Path) -> None:
    (tmp_path / "f").mkdir()
    with (tmp_path / "f" / "model.bin").open("wb") as file:
        file.truncate(code.CODE + 1)
    (tmp_path / "m.yaml").write_text("x" * (code.DEFINITION + 1))
    template = {
        "Resources": {
            "F": {"Type": "AWS::Serverless::Function", "Properties": {"CodeUri": "f"}},
            "M": {"Type": "AWS::StepFunctions::StateMachine", "Properties": {"DefinitionS3Location": "m.yaml"}},
        }
    }
    where = code.places(template, tmp_path, tmp_path)
    assert [len(check.problems) for check in code.of_code(template, where)] == [1, 1]


def test_equal_files_have_equal_digests(tmp_path: Path) -> None:
    for folder, text in (("one", "x"), ("same", "x"), ("other", "y")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "app.py").write_text(text)
    one, same, other = (code.digest(tmp_path / folder) for folder in ("one", "same", "other"))
    assert one == same != other


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--account", "12"), "ACCOUNT: found '12'; allowed: "),
        (("--region", "ireland"), "REGION: found 'ireland'; allowed: "),
        (("--env", "production"), "ENV: found 'production'; allowed"),
    ],
)
def test_a_wrong_word_is_named(
    checkout: Checkout, capsys: pytest.CaptureFixture[str], more: tuple[str, str], said: str
) -> None:
    assert checkout.look(*more) == 1
    assert capsys.readouterr().err.startswith(said)


def test_the_accounts_of_the_examples_are_refused_unless_they_are_asked_for(
    checkout: Checkout, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["--env", "prod", "--region", "eu-west-1", "--account", GOVERNANCE, "--built", str(checkout.built)]
    assert preflight.main(arguments) == 1
    assert "found 222233334444, an account of the examples" in capsys.readouterr().out
