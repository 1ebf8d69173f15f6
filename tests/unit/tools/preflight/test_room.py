"""How much the parameters hold, as docs/numbers.md says it: so much fits, and one more doesn't."""

import json

import pytest

from tests.support.numbers import stated
from tools.preflight import limits, resolve
from tools.preflight.resolve import Resource, Where
from tools.preflight.run import ROOT

GOVERNANCE, DEV = "111122223333", "222233334444"
BUCKETS, KEYS = stated(r"the longest names, (\d+) buckets and (\d+) keys fit")
(ACCOUNTS,) = stated(r"Outside an organization, `MemberAccounts` may have (\d+) accounts")
NEEDED = {
    "template.yaml": {"OrganizationId": "o-abcdefghij"},
    "member-template.yaml": {"GovernanceAccountId": GOVERNANCE, "OrganizationId": "o-abcdefghij"},
}


def problems(path: str, **given: str) -> list[str]:
    account = GOVERNANCE if path == "template.yaml" else DEV
    where = Where(account=account, region="eu-west-1", partition="aws", stack="stagegate-prod")
    values = NEEDED[path] | given
    found = resolve.resources(resolve.read(ROOT / path), values, where)
    checks = [*limits.of_parameters(path, values), *limits.of_resources(path, found)]
    return [line for check in checks for line in check.problems]


def buckets(count: int) -> str:
    return ",".join(f"arn:aws:s3:::{number:063}" for number in range(count))


def keys(count: int) -> str:
    return ",".join(
        f"arn:aws:kms:eu-west-1:{DEV}:key/01234567-89ab-cdef-0123-4567{number:08}" for number in range(count)
    )


@pytest.mark.parametrize("path", NEEDED)
def test_the_lists_of_artifacts_are_full_with_their_parameters(path: str) -> None:
    assert problems(path, ArtifactBuckets=buckets(BUCKETS), ArtifactKeys=keys(KEYS)) == []
    (problem,) = problems(path, ArtifactBuckets=buckets(BUCKETS + 1))
    assert problem.startswith("ArtifactBuckets: found ")
    (problem,) = problems(path, ArtifactKeys=keys(KEYS + 1))
    assert problem.startswith("ArtifactKeys: found ")


def accounts(count: int) -> str:
    return ",".join(f"{number:012}" for number in range(count))


def stack(path: str, **values: str) -> dict[str, Resource]:
    where = Where(account=GOVERNANCE, region="eu-west-1", partition="aws", stack="stagegate-prod")
    return dict(resolve.resources(resolve.read(ROOT / path), values, where))


def test_outside_an_organization_the_accounts_are_full_with_their_parameter() -> None:
    outside = {"OrganizationId": "", "MemberAccounts": accounts(ACCOUNTS)}
    assert problems("template.yaml", **outside) == []
    (problem,) = problems("template.yaml", **outside | {"MemberAccounts": accounts(ACCOUNTS + 1)})
    assert problem.startswith("MemberAccounts: found ")


@pytest.mark.parametrize("path", ["template.yaml", "member-template.yaml"])
def test_inside_an_organization_nothing_grows_with_the_number_of_accounts(path: str) -> None:
    """Whoever is a member, governance.toml says; no parameter that it has to have names one."""
    text = (ROOT / path).read_text(encoding="utf-8")
    assert "MemberAccounts" not in json.dumps(stack(path, **NEEDED[path]))
    lists = {name for name, each in resolve.read(ROOT / path)["Parameters"].items() if each["Type"] != "String"}
    assert {name for name in lists if "Accounts" in name} == ({"MemberAccounts"} if path == "template.yaml" else set())
    assert "STAGEGATE_MEMBERS" not in text


def test_no_pattern_of_an_event_names_an_account() -> None:
    """However many there are: the bus lets in what members send, and the rules on it take that."""
    few, many = (
        {
            name: found["Properties"]["EventPattern"]
            for name, found in stack("template.yaml", MemberAccounts=accounts(count)).items()
            if found["Type"] == "AWS::Events::Rule" and "EventPattern" in found["Properties"]
        }
        for count in (1, 300)
    )
    assert len(few) > 5
    assert few == many
