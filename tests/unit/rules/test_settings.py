"""The shipped governance.toml is read into the rules that it states."""

import json
import tomllib
from pathlib import Path

import jsonschema
import pytest

from stagegate.core.card_link import CardLink
from stagegate.core.statuses import CardStatus, PackageStatus, RiskRating
from stagegate.rules import __main__ as check_settings
from stagegate.rules.fence_kind import FenceKind
from stagegate.rules.imports import Registration
from stagegate.rules.load import load
from stagegate.rules.model import (
    AfterChange,
    AfterEdit,
    Approvers,
    Bucket,
    CardRules,
    Organization,
    PackageRules,
    PackageStatusRule,
    PrincipalScope,
    Rules,
    Stage,
    StageAccess,
    StatusRule,
)
from stagegate.rules.narrowed.covers import MOST_NAMED, Cover
from stagegate.rules.toml_lines import line_of, locate
from stagegate.surfaces.fences.model import Fence, document_of
from tools import settings_schema

SETTINGS = Path(__file__).parents[3] / "layers" / "settings"
SHIPPED = SETTINGS / "governance.toml"
SCHEMA = SETTINGS / "governance.schema.json"

DEV = StageAccess(stage="dev", write=True)
TEST = StageAccess(stage="test", write=True)
PROD = StageAccess(stage="prod")


def test_the_shipped_file_loads_to_what_it_says() -> None:
    assert load(SHIPPED) == Rules(
        organization=Organization(id="o-stagegate01"),
        stages=(
            Stage(name="dev", accounts=("222233334444",), roles=("ModelDeveloper",), fence=FenceKind.SCP),
            Stage(name="test", accounts=("333344445555",), roles=("ModelTester",), fence=FenceKind.SCP),
            Stage(name="prod", accounts=("444455556666",), roles=("ModelOperator",), fence=FenceKind.SCP),
        ),
        cards=CardRules(
            status={
                CardStatus.DRAFT: StatusRule(opens=(DEV,)),
                CardStatus.PENDING_REVIEW: StatusRule(opens=(DEV, TEST), ask_approvers=True),
                CardStatus.APPROVED: StatusRule(opens=(DEV, TEST, PROD)),
                CardStatus.ARCHIVED: StatusRule(),
            },
            required_sections=("model_overview", "intended_uses", "training_details", "evaluation_details"),
            four_eyes=True,
            after_edit=AfterEdit.CLOSE,
            export=False,
        ),
        approvers=(
            Approvers(
                stage="prod",
                principals=("arn:aws:iam::111122223333:role/ModelApprover",),
                risks=(RiskRating.HIGH, RiskRating.MEDIUM, RiskRating.LOW, RiskRating.UNKNOWN),
            ),
        ),
        packages=PackageRules(
            status={
                PackageStatus.PENDING: PackageStatusRule(opens=("test",), ask_approvers=True),
                PackageStatus.APPROVED: PackageStatusRule(opens=("test", "prod")),
                PackageStatus.REJECTED: PackageStatusRule(),
            },
            principals=PrincipalScope.ROLES,
            after_change=AfterChange.CLOSE,
            card=CardLink.REQUIRED,
        ),
        buckets=(Bucket(name="model-artifacts-*", account="222233334444"),),
        registrations=(Registration(stage="dev", groups=("*",)),),
        paused=False,
    )


def test_outside_an_organization_boundaries_take_the_place_of_scps(tmp_path: Path) -> None:
    path = tmp_path / "governance.toml"
    path.write_text(
        SHIPPED.read_text()
        .replace('id = "o-stagegate01"', 'external_id = "stagegate:4711"')
        .replace('roles = ["ModelTester"]', 'roles = ["ModelTester"]\nfence = "boundary"')
        .replace('roles = ["ModelOperator"]', 'roles = ["ModelOperator"]\nfence = "boundary"')
    )
    rules = load(path)
    assert rules.organization == Organization(external_id="stagegate:4711")
    assert [stage.fence for stage in rules.stages] == [FenceKind.SCP, FenceKind.BOUNDARY, FenceKind.BOUNDARY]


def test_a_registration_may_name_everything(tmp_path: Path) -> None:
    path = tmp_path / "governance.toml"
    said = {
        "groups": ["churn-*", "fraud", "9*"],
        "roles": ["Trainer"],
        "data": ["s3://model-artifacts-churn/", "s3://model-artifacts-churn/a b/c/"],
        "repositories": ["222233334444.dkr.ecr.us-east-1.amazonaws.com/training/churn"],
        "readers": ["RegistryReader"],
    }
    lines = "\n".join(f"{key} = {json.dumps(value)}" for key, value in said.items())
    path.write_text(SHIPPED.read_text().replace('groups = ["*"]', lines))
    (registration,) = load(path).registrations
    assert registration == Registration(stage="dev", **{key: tuple(value) for key, value in said.items()})
    names = ("churn-7", "churn-", "churn", "fraud", "fraud-2", "9lives")
    assert [registration.fits(name) for name in names] == [True, True, False, True, False, True]


def test_two_stages_may_share_an_account(tmp_path: Path) -> None:
    path = tmp_path / "governance.toml"
    path.write_text(SHIPPED.read_text().replace("333344445555", "222233334444"))
    assert [stage.accounts for stage in load(path).stages[:2]] == [("222233334444",), ("222233334444",)]


@pytest.mark.parametrize(
    "principal",
    [
        "arn:aws:iam::111122223333:role/teams/risk/ModelApprover",
        "arn:aws-us-gov:iam::111122223333:role/ModelApprover",
        "arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Approver_0123456789abcdef",
        "arn:aws:iam::111122223333:user/alice",
        "arn:aws:sts::111122223333:assumed-role/ModelApprover/alice@example.com",
        "arn:aws:sagemaker:us-east-1:111122223333:user-profile/d-abcdefghijkl/alice",
        "arn:aws:sagemaker:us-east-1:111122223333:user-profile/alice",
    ],
)
def test_an_approver_may_be(principal: str, tmp_path: Path) -> None:
    path = tmp_path / "governance.toml"
    path.write_text(SHIPPED.read_text().replace("arn:aws:iam::111122223333:role/ModelApprover", principal))
    assert load(path).approvers[0].principals == (principal,)


def test_the_committed_schema_is_the_generated_one() -> None:
    assert json.loads(SCHEMA.read_text()) == settings_schema.schema(), "run `make schema`"


def test_the_schema_accepts_the_shipped_file_and_refuses_a_misspelled_key() -> None:
    check = jsonschema.Draft202012Validator(settings_schema.schema())
    tables = tomllib.loads(SHIPPED.read_text())
    check.validate(tables)
    tables["stages"][0]["rols"] = tables["stages"][0].pop("roles")
    assert [list(error.path) for error in check.iter_errors(tables)] == [["stages", 0]]


def test_an_editor_finds_the_schema_beside_the_file() -> None:
    reference = SHIPPED.read_text().splitlines()[0]
    assert reference == f"#:schema ./{SCHEMA.name}"


def test_checking_a_good_file_prints_what_it_is_about(capsys: pytest.CaptureFixture[str]) -> None:
    assert check_settings.main(SHIPPED) == 0
    assert capsys.readouterr().out == (
        f"ok {SHIPPED}: 3 stages (dev test prod), approvers for prod, opened by status alone: dev test,"
        " organization o-stagegate01, model packages with their cards required, registering from dev\n"
    )


def test_checking_says_how_many_cards_an_account_may_write_that_only_reads_others(tmp_path: Path) -> None:
    """By the shipped rules none does: its fence would name each card."""
    assert check_settings.mixed(load(SHIPPED)) == []
    path = tmp_path / "governance.toml"
    path.write_text(SHIPPED.read_text().replace('{ stage = "test", write = true }]\nask', '{ stage = "test" }]\nask'))
    (line,) = check_settings.mixed(load(path))
    assert line.startswith("warning: 333344445555: may write some cards and only read others")
    assert f" {MOST_NAMED} of the longest names fit" in line


@pytest.mark.parametrize("region", ["ap-northeast-1", "us-gov-west-1"])
def test_so_many_cards_fit_into_a_fence(region: str) -> None:
    partition = "aws-us-gov" if "gov" in region else "aws"
    fence = Fence(account="333344445555", kind=FenceKind.SCP, covers=Cover.OTHERS)
    longest = [
        f"arn:{partition}:sagemaker:{region}:111122223333:model-card/{number:063d}" for number in range(MOST_NAMED)
    ]
    text = document_of(fence, longest, partition=partition, governance_account="111122223333")
    assert 5_120 - 300 < len(text) <= 5_120 if partition == "aws-us-gov" else len(text) <= 5_120


def test_checking_a_bad_file_prints_why_and_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "governance.toml"
    path.write_text(SHIPPED.read_text().replace("paused = false", "paused = 0"))
    assert check_settings.main(path) == 1
    assert capsys.readouterr().err == f"{path}:7: paused: found 0; allowed: true or false\n"


def test_lines_of_keys_in_every_notation() -> None:
    text = "\n".join(
        (
            "# a # comment",
            'plain.dotted = """',
            "x = 1",
            '"""',
            '"quoted ] key" = [  # [',
            '  \'a]\', "b\\"]",',
            "  { c = [1, 2], d.e = 1979-05-27 07:32:00 },",
            "]",
            "[[table]]",
            "[[table.inner]]",
            "[[table]]",
            "[[table.inner]]",
            "[table.inner.deep]",
            "key = ''''''",
            "last = 2",
        )
    )
    tomllib.loads(text)
    lines = locate(text)
    assert lines["plain",] == lines["plain", "dotted"] == 2
    assert lines["quoted ] key",] == 5
    assert lines["quoted ] key", 1] == 6
    assert lines["quoted ] key", 2, "c", 1] == lines["quoted ] key", 2, "d", "e"] == 7
    assert lines["table", 0, "inner", 0] == 10
    assert lines["table", 1, "inner", 0] == 12
    assert lines["table", 1, "inner", 0, "deep"] == 13
    assert lines["table", 1, "inner", 0, "deep", "last"] == 15
    assert line_of(lines, ("table", 1, "missing")) == 11
    assert line_of(lines, ("missing",)) == 1
