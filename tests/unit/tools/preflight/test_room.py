"""How much the parameters hold, as docs/numbers.md says it: so much fits, and one more doesn't."""

import pytest

from tests.support.numbers import stated
from tools.preflight import limits, resolve
from tools.preflight.resolve import Where
from tools.preflight.run import ROOT

GOVERNANCE, DEV = "111122223333", "222233334444"
BUCKETS, KEYS = stated(r"the longest names, (\d+) buckets and (\d+) keys fit")
(ACCOUNTS,) = stated(r"`MemberAccounts` may have (\d+) accounts")
NEEDED = {
    "template.yaml": {"MemberAccounts": DEV},
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


def test_the_accounts_are_full_with_the_environment_of_a_function() -> None:
    def accounts(count: int) -> str:
        return ",".join(f"{number:012}" for number in range(count))

    assert problems("template.yaml", MemberAccounts=accounts(ACCOUNTS)) == []
    (problem,) = problems("template.yaml", MemberAccounts=accounts(ACCOUNTS + 1))
    assert problem.startswith("ImportModelFunction: found ")


def test_no_pattern_of_an_event_names_an_account() -> None:
    """However many there are: the bus lets in what members send, and the rules on it take that."""
    where = Where(account=GOVERNANCE, region="eu-west-1", partition="aws", stack="stagegate-prod")
    few, many = (
        {
            name: found["Properties"]["EventPattern"]
            for name, found in resolve.resources(
                resolve.read(ROOT / "template.yaml"), {"MemberAccounts": ",".join(members)}, where
            ).items()
            if found["Type"] == "AWS::Events::Rule" and "EventPattern" in found["Properties"]
        }
        for members in ([DEV], [f"{number:012}" for number in range(300)])
    )
    assert len(few) > 5
    assert few == many
