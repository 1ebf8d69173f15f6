"""Twenty writers of one bucket's policy, four at a time, and another team that writes it too: nothing is lost.

The team edits just before each of our looks and just after each of our PUTs. What it does between our look and our PUT
nobody can keep, as AWS has no condition on what a PUT replaces: that is lost, and stays once it is done again.
"""

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import product
from typing import Any

import pytest

from sandbox.authorization import Kind, Policies, Request, parse
from sandbox.authorization.evaluator.evaluate import evaluate
from sandbox.kernel import identity
from sandbox.kernel.delays import Delays
from sandbox.kernel.wire.transport import client
from sandbox.services.s3.models import BucketsBackend
from sandbox.stagegate.organization import Organization
from stagegate.iam.statements import Statement, statement_for
from stagegate.ledger import items
from stagegate.surfaces.wire import change_to_json
from stagegate.targets.target import CloseTarget, OpenTarget, Target, TargetType
from tests.support.authorization import code_of, make_role, may
from tests.support.builders import DEV, GOVERNANCE, PROD, TEST
from tests.support.fixtures import SHIPPED
from tests.support.handed import handed

BUCKET, WRITERS, CLOSING, AT_ONCE = "model-artifacts-shared", 20, 5, 4
TEAM = "777788889999"
NAMES = ("Deploy", "Serve")
TARGET = Target(type=TargetType.BUCKET_POLICY, account=DEV, region="us-east-1", partition="aws", name=BUCKET)


def package(number: int) -> str:
    return f"arn:aws:sagemaker:us-east-1:{GOVERNANCE}:model-package/churn/{number}"


def key_of(number: int) -> str:
    return f"churn/{number}/model.tar.gz"


def role_arn(account: str, name: str) -> str:
    return f"arn:aws:iam::{account}:role/{name}"


def reads(number: int, account: str = PROD, name: str = "ModelOperator") -> Statement:
    resources = [f"{TARGET.arn}/{key_of(number)}"]
    return statement_for(
        account, [role_arn(account, name)], partition="aws", actions=["s3:GetObject"], resources=resources
    )


def theirs(name: str) -> dict[str, Any]:
    return {
        "Sid": name,
        "Effect": "Allow",
        "Principal": {"AWS": TEAM},
        "Action": "s3:GetObject",
        "Resource": f"{TARGET.arn}/{name}/*",
    }


@dataclass
class Team:
    """Another team, whose hand is on the bucket at the moments that it is told to use. It never edits by halves."""

    patch: pytest.MonkeyPatch
    moments: frozenset[str]
    names: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        look, put, lock = BucketsBackend.get_bucket_policy, BucketsBackend.put_bucket_policy, threading.RLock()

        def edit(backend: BucketsBackend, moment: str) -> None:
            if moment in self.moments:
                self.names.append(f"{moment}{len(self.names)}")
                document = json.loads(look(backend, BUCKET) or b"{}")
                document["Statement"].append(theirs(self.names[-1]))
                put(backend, BUCKET, json.dumps(document).encode())

        def watched_look(backend: BucketsBackend, bucket_name: str) -> bytes | None:
            with lock:
                if _is_ours():
                    edit(backend, "BeforeALook")
                return look(backend, bucket_name)

        def watched_put(backend: BucketsBackend, bucket_name: str, policy: bytes) -> None:
            with lock:
                if _is_ours():
                    edit(backend, "BeforeAPut")
                put(backend, bucket_name, policy)
                if _is_ours():
                    edit(backend, "AfterAPut")

        self.patch.setattr(BucketsBackend, "get_bucket_policy", watched_look)
        self.patch.setattr(BucketsBackend, "put_bucket_policy", watched_put)


def _is_ours() -> bool:
    caller = identity.caller.get()
    return caller is not None and "/stagegate-member-policy/" in caller.arn


@dataclass
class WritersEnvironment:
    organization: Organization

    @property
    def s3(self) -> Any:
        return self.organization.admin("s3", "dev")

    def write(self, change: OpenTarget | CloseTarget, holder: str) -> int:
        """A run's task: the function is tried again while somebody else has the lease. How often that took."""
        dynamodb, table = self.organization.admin("dynamodb", "governance"), self.organization.outputs["LedgerTable"]
        claim = items.item(items.subject_key(change.subject_arn), items.CLAIM, {"holder": holder, "wanted": 1})
        dynamodb.put_item(TableName=table, Item=claim)
        request = {"subject": change.subject_arn, "execution": holder, "round": 0, **change_to_json(change)}
        payload = handed(self.organization, request)
        aws_lambda = self.organization.admin("lambda", "governance")
        for attempt in range(1, 500):
            answer = aws_lambda.invoke(FunctionName="stagegate-apply-policy", Payload=json.dumps(payload))
            said = json.loads(answer["Payload"].read())
            if "FunctionError" not in answer:
                return attempt
            assert said["errorType"] == "LeaseHeldError", said
            self.organization.clock.sleep(0.05)
        raise AssertionError(f"{holder} never got the lease")

    def statements(self) -> dict[str, dict[str, Any]]:
        document = json.loads(self.s3.get_bucket_policy(Bucket=BUCKET)["Policy"])
        return {each["Sid"]: each for each in document["Statement"]}

    def readable(self) -> set[int]:
        """The packages whose data prod's role can read, found out by reading it."""
        s3 = self.organization.client("s3", "prod")
        said = [code_of(s3.get_object, Bucket=BUCKET, Key=key_of(number)) for number in range(WRITERS)]
        assert set(said) <= {"", "AccessDenied"}
        return {number for number, code in enumerate(said) if not code}

    def begins_anew(self) -> None:
        """Nobody wants anything of the bucket."""
        dynamodb, table = self.organization.admin("dynamodb", "governance"), self.organization.outputs["LedgerTable"]
        for found in dynamodb.scan(TableName=table)["Items"]:
            dynamodb.delete_item(TableName=table, Key={name: found[name] for name in ("pk", "sk")})

    def let_in(self, names: list[str]) -> list[str]:
        """Those of the team's statements that let the team in still, says the evaluator."""
        text = self.s3.get_bucket_policy(Bucket=BUCKET)["Policy"]
        may_all = json.dumps(
            {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
        )
        policies = Policies(
            identity=(parse("all", Kind.IDENTITY, may_all),), resource=(parse("bucket", Kind.RESOURCE, text),)
        )
        caller = identity.session(f"arn:aws:iam::{TEAM}:role/Auditor", "today")
        return [
            name
            for name in names
            if evaluate(Request(caller, "s3:GetObject", f"{TARGET.arn}/{name}/x", DEV), policies).allowed
        ]


@pytest.fixture(scope="module")
def environment() -> Iterator[WritersEnvironment]:
    with Organization.start(SHIPPED, delays=Delays(cloudtrail=0.0)) as organization:
        found = WritersEnvironment(organization)
        found.s3.create_bucket(Bucket=BUCKET)
        for number in range(WRITERS):
            found.s3.put_object(Bucket=BUCKET, Key=key_of(number), Body=b"weights")
        yield found


@pytest.fixture(autouse=True)
def beginning(environment: WritersEnvironment) -> None:
    """The team has a statement, and some packages are open."""
    environment.begins_anew()
    document = {"Version": "2012-10-17", "Statement": [theirs("First")]}
    environment.s3.put_bucket_policy(Bucket=BUCKET, Policy=json.dumps(document))
    for number in range(CLOSING):
        environment.write(
            OpenTarget(subject_arn=package(number), target=TARGET, statements=(reads(number),)), f"old-{number}"
        )
    assert environment.readable() == set(range(CLOSING))


def test_twenty_writers_lose_nothing_that_stood_there_when_they_looked(
    environment: WritersEnvironment, monkeypatch: pytest.MonkeyPatch
) -> None:
    team = Team(monkeypatch, frozenset({"BeforeALook", "AfterAPut"}))
    changes: list[OpenTarget | CloseTarget] = [
        *(CloseTarget(subject_arn=package(number), target=TARGET) for number in range(CLOSING)),
        *(
            OpenTarget(subject_arn=package(number), target=TARGET, statements=(reads(number),))
            for number in range(CLOSING, WRITERS)
        ),
    ]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        attempts = list(pool.map(lambda n: environment.write(changes[n], f"run-{n}"), range(WRITERS)))
    assert sum(attempts) > WRITERS, "nobody ever had to wait: these weren't at once"
    assert len(team.names) >= 3 * WRITERS, "before a look, after a PUT, and before the look that follows"
    assert environment.readable() == set(range(CLOSING, WRITERS))
    assert environment.let_in(["First", *team.names]) == ["First", *team.names]
    standing = environment.statements()
    assert {name: standing[name]["Resource"] for name in team.names} == {n: theirs(n)["Resource"] for n in team.names}


def test_what_the_last_release_wrote_is_taken_over_by_one_put(
    environment: WritersEnvironment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """0.2.0 listed every role with its account. What it wrote stays until something changes. Then all of ours is
    written anew at once, and who has access has it before and after.
    """
    role, numbers = "Administrator", (CLOSING, CLOSING + 1)
    roles = [role_arn(account, role) for account in (TEST, PROD)]
    puts: list[bytes] = []
    put = BucketsBackend.put_bucket_policy

    def counted(backend: BucketsBackend, bucket_name: str, policy: bytes) -> None:
        puts.extend([policy] if _is_ours() else [])
        put(backend, bucket_name, policy)

    def opens(number: int) -> OpenTarget:
        mine = tuple(reads(number, account, role) for account in (TEST, PROD))
        return OpenTarget(subject_arn=package(number), target=TARGET, statements=mine)

    def readers() -> set[tuple[str, int]]:
        s3 = {name: environment.organization.client("s3", name, role) for name in ("test", "prod", "hosting")}
        return {
            (name, number)
            for name, number in product(s3, numbers)
            if not code_of(s3[name].get_object, Bucket=BUCKET, Key=key_of(number))
        }

    def names() -> list[Any]:
        conditions = [each["Condition"] for each in environment.statements().values() if "Condition" in each]
        return [each["ArnLike"]["aws:PrincipalArn"] for each in conditions if "ArnLike" in each]

    environment.write(opens(CLOSING), "run-a")
    assert names() == [f"arn:aws:iam::*:role/{role}"]
    standing = environment.statements()
    for each in standing.values():
        if "ArnLike" in each.get("Condition", {}):
            each["Condition"] = {"ArnEquals": {"aws:PrincipalArn": roles}}
    document = {"Version": "2012-10-17", "Statement": [*standing.values()]}
    environment.s3.put_bucket_policy(Bucket=BUCKET, Policy=json.dumps(document))
    monkeypatch.setattr(BucketsBackend, "put_bucket_policy", counted)
    environment.write(opens(CLOSING), "run-b")
    assert (puts, names()) == ([], [])
    assert readers() == {("test", CLOSING), ("prod", CLOSING)}
    environment.write(opens(CLOSING + 1), "run-c")
    assert (len(puts), names()) == (1, [f"arn:aws:iam::*:role/{role}"])
    assert readers() == set(product(("test", "prod"), numbers))
    assert environment.let_in(["First"]) == ["First"]


def test_a_role_made_anew_has_the_access_of_its_name_and_one_that_was_not_there_has_none(
    environment: WritersEnvironment,
) -> None:
    """A role by its ARN as a principal would be an id, dead with the role: nobody could write the document any more."""
    for account, name in ((TEST, "Deploy"), (PROD, "Deploy"), (PROD, "Serve")):
        make_role(account, name, may("s3:GetObject"))
    there = ((TEST, "Deploy"), (PROD, "Deploy"), (PROD, "Serve"))
    mine = tuple(reads(CLOSING, *role) for role in there)
    environment.write(OpenTarget(subject_arn=package(CLOSING), target=TARGET, statements=mine), "run-a")

    def readers() -> set[tuple[str, str]]:
        s3 = {
            role: client("s3", role[0], identity.session(role_arn(*role), "x")) for role in product((TEST, PROD), NAMES)
        }
        return {role for role in s3 if not code_of(s3[role].get_object, Bucket=BUCKET, Key=key_of(CLOSING))}

    assert readers() == set(there)
    make_role(TEST, "Serve", may("s3:GetObject"))
    assert readers() == set(there), "a name that other accounts have lets nobody in"
    standing = environment.statements()
    iam = environment.organization.admin("iam", "test")
    iam.delete_role_policy(RoleName="Deploy", PolicyName="P")
    iam.delete_role(RoleName="Deploy")
    assert environment.statements() == standing
    make_role(TEST, "Deploy", may("s3:GetObject"))
    assert readers() == set(there)
    environment.write(CloseTarget(subject_arn=package(CLOSING), target=TARGET), "run-b")
    assert readers() == set()


def test_an_edit_between_our_look_and_our_put_is_lost_and_stays_when_it_is_done_again(
    environment: WritersEnvironment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The one thing that isn't guaranteed: a careful team looks again later than a writer can hold its lease."""
    with pytest.MonkeyPatch.context() as patch:
        team = Team(patch, frozenset({"BeforeAPut"}))
        environment.write(CloseTarget(subject_arn=package(0), target=TARGET), "run-a")
    (lost,) = team.names
    assert environment.let_in(["First", lost]) == ["First"]
    document = {"Version": "2012-10-17", "Statement": [*environment.statements().values(), theirs(lost)]}
    environment.s3.put_bucket_policy(Bucket=BUCKET, Policy=json.dumps(document))
    environment.write(CloseTarget(subject_arn=package(1), target=TARGET), "run-b")
    assert environment.let_in(["First", lost]) == ["First", lost]
    assert environment.readable() == set(range(2, CLOSING))
