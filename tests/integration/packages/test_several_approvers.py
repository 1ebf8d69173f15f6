"""A package that two different people have to approve: whoever does what, prod may deploy it by two of them alone."""

from collections.abc import Iterator

import pytest

from sandbox.kernel.delays import Delays
from tests.support.printed import has_what_is_printed
from tests.support.registry import ALL, BUCKET, DATA, Registry
from tests.support.registry import registry as a_registry
from tests.support.shipped import by_approval_alone, changed

ONE = 'principals = ["arn:aws:iam::111122223333:role/ModelApprover"]'
TWO = """needed = 2
principals = [
    "arn:aws:iam::111122223333:role/ModelApprover",
    "arn:aws:iam::111122223333:role/RiskOfficer",
]"""
YES, BACK = "Approved", "PendingManualApproval"
APPROVER, OFFICER, OWNER = "approver", "approver-2", "governance"


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    folder = tmp_path_factory.mktemp("settings")
    rules = changed((ONE, TWO), text=by_approval_alone())
    with a_registry(folder, Delays(cloudtrail=0.3, wait_factor=0.2), rules=rules) as environment:
        has_what_is_printed(environment.organization, folder / "governance.toml", "prod", "ModelOperator")
        yield environment


@pytest.mark.parametrize(
    ("did", "opens"),
    [
        ([(APPROVER, YES)], False),
        ([(APPROVER, YES), (APPROVER, YES)], False),
        ([(APPROVER, YES), (OWNER, YES)], False),
        ([(OWNER, YES), (OFFICER, YES), (APPROVER, YES)], True),
        ([(APPROVER, YES), (OFFICER, YES), (OWNER, YES)], True),
        ([(APPROVER, YES), (OWNER, BACK), (OFFICER, YES)], False),
        ([(APPROVER, YES), (OFFICER, YES), (OFFICER, BACK), (OFFICER, YES)], False),
    ],
)
def test_who_did_what(registry: Registry, did: list[tuple[str, str]], *, opens: bool) -> None:
    registry.sets(OWNER, BACK)
    for who, status in did:
        registry.sets(who, status)
    assert registry.may("prod") == (ALL if opens else frozenset())


def test_bytes_that_are_written_in_between_begin_anew(registry: Registry) -> None:
    registry.sets(OWNER, BACK)
    registry.sets(APPROVER, YES)
    registry.admin("s3", "dev").put_object(Bucket=BUCKET, Key=DATA, Body=b"another model")
    registry.organization.clock.sleep(130)
    registry.sets(OFFICER, YES)
    assert registry.may("prod") == frozenset(), "they have approved two different things"
    for who in (OFFICER, APPROVER):
        registry.sets(who, YES)
    assert registry.may("prod") == ALL
