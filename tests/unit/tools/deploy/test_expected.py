"""Rules and parameters that don't fit each other are found before anything is sent."""

from pathlib import Path

import pytest

from stagegate.rules.load import load
from stagegate.rules.model import Rules
from tests.support.fixtures import SHIPPED
from tools.deploy.expected import problems

ROOT = Path(__file__).parents[4]

GOVERNANCE, DEV, TEST, PROD = "110987654321", "210987654321", "310987654321", "410987654321"
OURS = {"111122223333": GOVERNANCE, "222233334444": DEV, "333344445555": TEST, "444455556666": PROD}
VALUES = {
    "Prefix": "stagegate",
    "OrganizationId": "o-stagegate01",
    "MemberAccounts": "",
    "ArtifactBuckets": "arn:aws:s3:::models-*",
    "ArtifactKeys": f"arn:aws:kms:*:{GOVERNANCE}:key/*",
    "ArtifactRepositories": f"arn:aws:ecr:*:{GOVERNANCE}:repository/*",
}
BUCKET = f"""
[[buckets]]
name = "models-churn"
account = "{GOVERNANCE}"
key = "arn:aws:kms:us-east-1:{GOVERNANCE}:key/0123"

[[registrations]]
stage = "dev"
groups = ["churn"]
repositories = ["{GOVERNANCE}.dkr.ecr.us-east-1.amazonaws.com/churn"]
"""


def rules(tmp_path: Path, more: str = "", source: Path = SHIPPED) -> Rules:
    """Return rules with accounts of nobody's documentation."""
    text = source.read_text()
    for example, own in OURS.items():
        text = text.replace(example, own)
    path = tmp_path / "governance.toml"
    path.write_text(text + more)
    return load(path)


def test_what_fits_is_no_problem(tmp_path: Path) -> None:
    assert problems(rules(tmp_path, BUCKET), VALUES, GOVERNANCE) == []


def test_the_examples_accounts_are_refused_wherever_they_stand() -> None:
    found = problems(load(SHIPPED), VALUES | {"MemberAccounts": "123456789012"}, GOVERNANCE)
    assert len([each for each in found if "an account of the examples; allowed: accounts of yours" in each]) == 4


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("MemberAccounts", "123456789012", "MemberAccounts: found 123456789012, an account of the"),
        ("OrganizationId", "", "OrganizationId: found ''; allowed: 'o-stagegate01', as governance.toml has o-"),
        ("OrganizationId", "o-abcdefghij", "OrganizationId: found 'o-abcdefghij'; allowed: 'o-stagegate01'"),
        ("ArtifactBuckets", "arn:aws:s3:::other-*", "ArtifactBuckets: found nothing that fits bucket models-churn"),
        ("ArtifactKeys", f"arn:aws:kms:*:{GOVERNANCE}:key/4567", "ArtifactKeys: found nothing that fits arn:aws:kms:"),
        ("ArtifactRepositories", "", f"ArtifactRepositories: found nothing that fits {GOVERNANCE}.dkr.ecr"),
    ],
)
def test_what_doesnt_fit_is_named_and_nothing_else_is(tmp_path: Path, name: str, value: str, said: str) -> None:
    (problem,) = problems(rules(tmp_path, BUCKET), VALUES | {name: value}, GOVERNANCE)
    assert problem.startswith(said)


def test_what_a_member_owns_is_no_matter_of_the_stacks_parameters(tmp_path: Path) -> None:
    theirs = BUCKET.replace(GOVERNANCE, DEV)
    assert problems(rules(tmp_path, theirs), VALUES | {"ArtifactBuckets": "", "ArtifactKeys": ""}, GOVERNANCE) == []


def test_an_account_that_has_left_the_organization_may_still_be_closed(tmp_path: Path) -> None:
    assert problems(rules(tmp_path), VALUES | {"MemberAccounts": "510987654321"}, GOVERNANCE) == []


def test_outside_an_organization_the_stack_has_to_name_every_account(tmp_path: Path) -> None:
    outside = rules(tmp_path, source=ROOT / "tests" / "integration" / "cards" / "outside.toml")
    (found,) = problems(outside, VALUES | {"MemberAccounts": f"{DEV},{TEST}"}, GOVERNANCE)
    assert found.startswith("OrganizationId: found 'o-stagegate01'; allowed: '', as governance.toml has no organ")
    values = VALUES | {"OrganizationId": "", "MemberAccounts": f"{DEV},510987654321"}
    (found,) = problems(outside, values, GOVERNANCE)
    assert found.startswith(f"MemberAccounts: found nothing for {TEST}; allowed: all accounts of governance.toml")
    assert problems(outside, values | {"MemberAccounts": f"{DEV},{TEST},510987654321"}, GOVERNANCE) == []
