"""One target, many subjects: whoever writes it writes what everybody wants, and nobody stands in another's way."""

from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import Any

import boto3
import pytest
from moto import mock_aws

from stagegate.aws.environment import Environment
from stagegate.aws.sessions import Members
from stagegate.core.errors import (
    ClaimLostError,
    DocumentTooLargeError,
    LeaseHeldError,
    NotSettledError,
    PlannedByAnotherReleaseError,
    RefusedError,
    ThrottledError,
)
from stagegate.iam.key_grants import KeyUse
from stagegate.iam.limits import BUCKET_POLICY
from stagegate.iam.merge import atoms
from stagegate.iam.read import read_policy, statement_from
from stagegate.iam.statements import Statement, sid_of, sid_prefix_of, statement_for
from stagegate.ledger import items
from stagegate.surfaces.policies import apply as apply_policies
from stagegate.surfaces.policies import write_keys as key_grants
from stagegate.surfaces.policies.apply import PolicyWriter, apply_policy, document_of
from stagegate.surfaces.policies.write import Document, put_statements
from stagegate.surfaces.shares.changes import CloseShare
from stagegate.surfaces.wire import change_to_json
from stagegate.targets.desired import desired_text_of, digest_of
from stagegate.targets.target import CloseTarget, OpenTarget, Target, TargetType
from tests.support.documents import BUCKET, OWNER, READER, Kept, document, foreign, reads
from tests.support.members import ScriptedMembers
from tests.support.scripted import Scripted, refusal
from tests.support.table import Table

RUN, DEV = "run", "555566667777"
FIRST = "arn:aws:sagemaker:us-east-1:111122223333:model-package/churn/1"
SECOND = "arn:aws:sagemaker:us-east-1:111122223333:model-package/churn/2"
MARK = sid_prefix_of("111122223333", "us-east-1", "stagegate")
ONE, TWO, THREE = reads("one.tar.gz"), reads("two.tar.gz"), reads("three.tar.gz")
HUGE = statement_for(
    READER,
    None,
    partition="aws",
    actions=["s3:GetObject"],
    resources=[f"arn:aws:s3:::model-artifacts-churn/{number:0100}" for number in range(200)],
)
OPEN = OpenTarget(subject_arn=FIRST, target=BUCKET, statements=(ONE,))
CLOSE = CloseTarget(subject_arn=FIRST, target=BUCKET)


@pytest.fixture(autouse=True)
def slept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch) -> Iterator[Table]:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        made = Table.create(boto3.client("dynamodb"))
        made.claim(RUN, FIRST)
        made.claim(RUN, SECOND)
        yield made


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> Kept:
    """The bucket's policy, whoever opens it."""
    there = Kept(document(foreign()))

    def stand_in(_: boto3.Session, target: Target) -> Document:
        assert target == BUCKET
        return there

    monkeypatch.setattr(apply_policies, "document_of", stand_in)
    owner = ScriptedMembers(Scripted("s3", ListBuckets={"Buckets": [{"Name": BUCKET.name}]}))
    monkeypatch.setattr(Members, "through", lambda *_: owner)
    return there


@pytest.fixture
def writer(environment: Environment, table: Table) -> PolicyWriter:
    return PolicyWriter(environment=replace(environment, table=table.name), dynamodb=table.client)


def request(change: OpenTarget | CloseTarget) -> dict[str, Any]:
    return {"execution": RUN, "round": 0, "external_id": None, **change_to_json(change)}


def wanted(table: Table) -> list[str]:
    return [sk.removeprefix(items.DESIRED) for pk, sk in table.all_keys() if sk.startswith(items.DESIRED)]


def written(table: Table) -> dict[str, str]:
    """What the first subject's own record says of targets, as a plan reads it."""
    return dict(table.recorded(FIRST).view.written)


def access(statements: Collection[Statement]) -> frozenset[Statement]:
    return frozenset[Statement]().union(*map(atoms, statements))


def ours(kept: Kept) -> frozenset[Statement]:
    """What our statements in the document give."""
    return access([statement_from(raw, "aws") for raw in read_policy(kept.text, MARK).ours])


def held(table: Table) -> bool:
    return "holder" in (table.get(items.target_key(BUCKET.id), items.LEASE) or {})


def test_opens_beside_what_others_have(writer: PolicyWriter, table: Table, kept: Kept) -> None:
    assert apply_policy(writer, request(OPEN)) == {"target": BUCKET.id, "opened": True}
    assert kept.sids() == ["Others", sid_of(ONE, MARK)]
    assert wanted(table) == [FIRST]
    assert not held(table)
    assert written(table) == {BUCKET.id: digest_of(desired_text_of(OPEN))}


def test_closing_leaves_what_other_subjects_want(writer: PolicyWriter, table: Table, kept: Kept) -> None:
    apply_policy(writer, request(OPEN))
    apply_policy(writer, request(OpenTarget(subject_arn=SECOND, target=BUCKET, statements=(ONE, TWO))))
    assert apply_policy(writer, request(CLOSE)) == {"target": BUCKET.id, "opened": False}
    both = statement_for(
        READER,
        None,
        partition="aws",
        actions=["s3:GetObject"],
        resources=(ONE.resources or set()) | (TWO.resources or set()),
    )
    assert kept.sids() == ["Others", sid_of(both, MARK)]
    assert wanted(table) == [SECOND]
    assert written(table) == {}


def test_what_others_want_anyway_is_looked_at_once(writer: PolicyWriter, kept: Kept) -> None:
    apply_policy(writer, request(OPEN))
    kept.done.clear()
    apply_policy(writer, request(replace(OPEN, subject_arn=SECOND)))
    assert kept.done == ["read"]


def test_what_is_carried_out_already_is_looked_at_once(writer: PolicyWriter, kept: Kept) -> None:
    apply_policy(writer, request(OPEN))
    kept.done.clear()
    apply_policy(writer, request(OPEN))
    assert kept.done == ["read"]


def test_a_read_that_is_behind_leaves_nothing_open(writer: PolicyWriter, kept: Kept) -> None:
    apply_policy(writer, request(OPEN))
    kept.stale_reads = 1
    apply_policy(writer, request(CLOSE))
    assert kept.sids() == ["Others"]


def test_what_a_dead_writer_had_put_on_record_is_carried_out_by_the_next(
    writer: PolicyWriter, table: Table, kept: Kept
) -> None:
    kept.refusal = refusal("SlowDown")
    with pytest.raises(Exception, match="SlowDown"):
        apply_policy(writer, request(OPEN))
    kept.refusal = None
    apply_policy(writer, request(CloseTarget(subject_arn=SECOND, target=BUCKET)))
    assert sid_of(ONE, MARK) in kept.sids()


class TestDesiredGrantsThatCantBeFulfilled:
    def test_is_taken_back_and_keeps_nobody_else_from_opening(
        self, writer: PolicyWriter, table: Table, kept: Kept
    ) -> None:
        with pytest.raises(DocumentTooLargeError, match="bucket policy: "):
            apply_policy(writer, request(replace(OPEN, statements=(HUGE,))))
        assert (wanted(table), held(table), kept.sids()) == ([], False, ["Others"])
        assert written(table) == {BUCKET.id: ""}
        assert kept.done == ["read", "read"], "nothing was taken away: nothing is looked for twice"
        apply_policy(writer, request(replace(OPEN, subject_arn=SECOND)))
        assert sid_of(ONE, MARK) in kept.sids()

    def test_leaves_what_was_wanted_before(self, writer: PolicyWriter, kept: Kept) -> None:
        apply_policy(writer, request(OPEN))
        with pytest.raises(DocumentTooLargeError):
            apply_policy(writer, request(replace(OPEN, statements=(ONE, HUGE))))
        apply_policy(writer, request(CloseTarget(subject_arn=SECOND, target=BUCKET)))
        assert kept.sids() == ["Others", sid_of(ONE, MARK)]

    @pytest.mark.parametrize("before", [(), (ONE,)])
    def test_is_taken_back_by_the_attempt_after_one_that_died(
        self, writer: PolicyWriter, table: Table, kept: Kept, before: tuple[Statement, ...]
    ) -> None:
        """The first attempt has recorded the desired grants: that isn't what was wanted before."""
        if before:
            apply_policy(writer, request(replace(OPEN, statements=before)))
        requested = request(replace(OPEN, statements=(*before, TWO)))
        kept.refusal = refusal("SlowDown")
        with pytest.raises(ThrottledError):
            apply_policy(writer, requested)
        kept.refusal = refusal("AccessDenied")
        with pytest.raises(RefusedError):
            apply_policy(writer, requested)
        kept.refusal = None
        apply_policy(writer, request(CloseTarget(subject_arn=SECOND, target=BUCKET)))
        assert kept.sids() == ["Others", *(sid_of(each, MARK) for each in before)]
        assert wanted(table) == ([FIRST] if before else [])

    def test_that_was_carried_out_is_what_the_next_takes_the_place_of(self, writer: PolicyWriter, kept: Kept) -> None:
        for statements in ((ONE,), (ONE, TWO)):
            apply_policy(writer, request(replace(OPEN, statements=statements)))
        kept.refusal = refusal("AccessDenied")
        with pytest.raises(RefusedError):
            apply_policy(writer, request(replace(OPEN, statements=(ONE, TWO, reads("three")))))
        kept.refusal = None
        apply_policy(writer, request(replace(OPEN, subject_arn=SECOND, statements=(reads("four"),))))
        assert all(name in (kept.text or "") for name in ("one.tar.gz", "two.tar.gz", "four"))

    def test_takes_away_what_it_takes_away(self, writer: PolicyWriter, table: Table, kept: Kept) -> None:
        apply_policy(writer, request(replace(OPEN, statements=(ONE, TWO))))
        with pytest.raises(DocumentTooLargeError):
            apply_policy(writer, request(replace(OPEN, statements=(TWO, HUGE))))
        assert kept.sids() == ["Others", sid_of(TWO, MARK)]
        assert (wanted(table), written(table)) == ([FIRST], {BUCKET.id: ""})

    @pytest.mark.parametrize("closes", [False, True])
    def test_closes_all_of_the_subject_where_a_part_cant_be_closed(
        self, writer: PolicyWriter, table: Table, kept: Kept, monkeypatch: pytest.MonkeyPatch, *, closes: bool
    ) -> None:
        """What has to go isn't open still because what stays can't be written."""
        apply_policy(writer, request(replace(OPEN, subject_arn=SECOND)))
        apply_policy(writer, request(replace(OPEN, statements=(TWO, THREE))))
        stood = kept.text

        def refused(document: Document, wanted: Collection[Statement], *rest: Any, **more: Any) -> Any:
            if THREE in wanted:
                raise DocumentTooLargeError("bucket policy: too large.")
            return put_statements(document, wanted, *rest, **more)

        monkeypatch.setattr(apply_policies, "put_statements", refused)
        with pytest.raises(DocumentTooLargeError, match="was taken out" if closes else "too large.$"):
            apply_policy(writer, request(replace(OPEN, statements=(THREE,), closes=closes)))
        assert (kept.text == stood) == (not closes)
        assert not closes or kept.sids() == ["Others", sid_of(ONE, MARK)]
        assert wanted(table) == ([SECOND] if closes else [FIRST, SECOND])
        assert written(table) == {BUCKET.id: ""}

    def test_a_close_that_makes_a_full_document_longer_is_done_and_says_who_has_lost_for_it(
        self, writer: PolicyWriter, table: Table, kept: Kept
    ) -> None:
        """Two accounts have two objects, in one statement. Without one of the objects for one of them it takes two."""
        theirs = (reads("one.tar.gz", account=DEV), reads("two.tar.gz", account=DEV), TWO)
        apply_policy(writer, request(OpenTarget(subject_arn=SECOND, target=BUCKET, statements=theirs)))
        apply_policy(writer, request(OPEN))
        kept.limit = replace(kept.limit, size=len(kept.text or ""))
        with pytest.raises(
            DocumentTooLargeError, match=r"all that the subject had .* was taken out.* have lost: all of"
        ):
            apply_policy(writer, request(CLOSE))
        assert ours(kept) < access(theirs), "nothing is open that nobody wants"
        assert kept.sids()[0] == "Others"
        assert len(kept.text or "") <= kept.limit.size
        assert wanted(table) == [SECOND]
        stood = kept.text
        assert apply_policy(writer, request(CLOSE)) == {"target": BUCKET.id, "opened": False}, "it is closed already"
        assert (kept.text, written(table)) == (stood, {})
        with pytest.raises(DocumentTooLargeError):
            apply_policy(writer, request(OpenTarget(subject_arn=SECOND, target=BUCKET, statements=theirs)))
        kept.limit = BUCKET_POLICY
        apply_policy(writer, request(OpenTarget(subject_arn=SECOND, target=BUCKET, statements=theirs)))
        assert ours(kept) == access(theirs)

    def test_a_close_of_a_full_document_that_is_gone_meanwhile_is_done(
        self, writer: PolicyWriter, table: Table, kept: Kept
    ) -> None:
        apply_policy(writer, request(OpenTarget(subject_arn=SECOND, target=BUCKET, statements=(TWO,))))
        apply_policy(writer, request(OPEN))
        kept.text, kept.limit = None, replace(kept.limit, size=1)
        apply_policy(writer, request(CLOSE))
        assert (kept.text, wanted(table)) == (None, [SECOND])

    def test_keeps_nobody_else_from_closing_before_it_is_taken_back(
        self, writer: PolicyWriter, table: Table, kept: Kept
    ) -> None:
        """A writer has died with what can't be fulfilled on record."""
        apply_policy(writer, request(OPEN))
        unfulfilled = desired_text_of(replace(OPEN, statements=(TWO, HUGE)))
        values = {"desired": unfulfilled, "instead_of": desired_text_of(replace(OPEN, statements=(TWO,)))}
        table.put(items.target_key(BUCKET.id), f"{items.DESIRED}{SECOND}", values)
        apply_policy(writer, request(CLOSE))
        assert kept.sids() == ["Others", sid_of(TWO, MARK)]
        assert written(table) == {}

    def test_stays_closed_where_closing_was_refused(self, writer: PolicyWriter, table: Table, kept: Kept) -> None:
        """Somebody locks the document, and unlocks it later: the next writer takes ours away."""
        apply_policy(writer, request(OPEN))
        kept.refusal = refusal("AccessDenied")
        with pytest.raises(RefusedError):
            apply_policy(writer, request(CLOSE))
        assert wanted(table) == []
        assert written(table) == {BUCKET.id: ""}


def test_a_run_that_has_lost_its_claim_changes_nothing(writer: PolicyWriter, table: Table, kept: Kept) -> None:
    table.claim("another run", FIRST)
    with pytest.raises(ClaimLostError):
        apply_policy(writer, request(OPEN))
    assert (kept.done, held(table)) == ([], False)


def test_one_writer_at_a_time(writer: PolicyWriter, table: Table, kept: Kept) -> None:
    table.put(items.target_key(BUCKET.id), items.LEASE, {"holder": "another run", "expires": 99999999999})
    with pytest.raises(LeaseHeldError):
        apply_policy(writer, request(OPEN))
    assert (kept.done, wanted(table)) == ([], [])


def test_an_update_that_is_lost_is_made_again(writer: PolicyWriter, table: Table, kept: Kept) -> None:
    kept.after_write = lambda _: document(foreign())
    with pytest.raises(NotSettledError):
        apply_policy(writer, request(OPEN))
    assert wanted(table) == [FIRST]
    assert written(table) == {BUCKET.id: ""}
    kept.after_write = lambda text: text
    apply_policy(writer, request(OPEN))
    assert kept.sids() == ["Others", sid_of(ONE, MARK)]


def test_a_member_is_entered_for_this_target_alone(
    writer: PolicyWriter, kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    members = ScriptedMembers()
    ways_in: list[tuple[Any, ...]] = []

    def through(*names: str | None) -> ScriptedMembers:
        ways_in.append(names)
        return members

    monkeypatch.setattr(Members, "through", through)
    apply_policy(writer, request(OPEN) | {"external_id": "secret"})
    assert ways_in == [("stagegate-member-policy", "stagegate-apply-policy", "secret", writer.sts)]
    assert members.entered == [
        (
            OWNER,
            {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Action": ["s3:DeleteBucketPolicy", "s3:GetBucketPolicy", "s3:PutBucketPolicy"],
                        "Resource": BUCKET.arn,
                    }
                ],
            },
        )
    ]


def test_the_own_account_is_entered_by_nobody(
    writer: PolicyWriter, table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = replace(BUCKET, type=TargetType.GROUP_POLICY, account=writer.environment.account, name="churn")
    there = Kept(target=target)
    monkeypatch.setattr(apply_policies, "document_of", lambda *_: there)
    monkeypatch.setattr(Members, "through", lambda *_: pytest.fail("no member was to be entered"))
    apply_policy(writer, request(replace(OPEN, target=target)))
    assert there.sids() == [sid_of(ONE, MARK)]


def test_a_keys_grants_are_those_that_anybody_wants(
    writer: PolicyWriter, table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = f"arn:aws:kms:us-east-1:{OWNER}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    target = replace(BUCKET, type=TargetType.KEY_GRANTS, name=key)
    kms = Scripted("kms")
    monkeypatch.setattr(Members, "through", lambda *_: ScriptedMembers(kms))
    put: list[tuple[str, ...]] = []
    monkeypatch.setattr(
        key_grants,
        "put_grants",
        lambda _kms, _target, uses, _, **__: put.append(tuple(sorted(use.grantee for use in uses))),
    )
    roles = [f"arn:aws:iam::{READER}:role/{name}" for name in ("A", "B")]
    for arn, grantee in ((FIRST, roles[0]), (SECOND, roles[1])):
        apply_policy(writer, request(OpenTarget(subject_arn=arn, target=target, uses=(KeyUse(grantee=grantee),))))
    apply_policy(writer, request(CloseTarget(subject_arn=FIRST, target=target)))
    assert put == [(roles[0],), tuple(roles), (roles[1],)]


@pytest.mark.parametrize(
    ("surface", "name", "arn"),
    [
        (TargetType.GROUP_POLICY, "churn", f"arn:aws:sagemaker:us-east-1:{OWNER}:model-package-group/churn"),
        (TargetType.BUCKET_POLICY, "artifacts", "arn:aws:s3:::artifacts"),
        (TargetType.REPOSITORY_POLICY, "team/churn", f"arn:aws:ecr:us-east-1:{OWNER}:repository/team/churn"),
        (TargetType.KEY_GRANTS, "arn:aws:kms:…:key/1", "arn:aws:kms:…:key/1"),
    ],
)
def test_every_target_has_its_arn_and_its_document(surface: TargetType, name: str, arn: str) -> None:
    target = replace(BUCKET, type=surface, name=name)
    assert target.arn == arn
    session = boto3.Session(aws_access_key_id="example", aws_secret_access_key="example")
    if surface is TargetType.KEY_GRANTS:
        with pytest.raises(KeyError):
            document_of(session, target)
    else:
        assert document_of(session, target).target == target


def test_a_change_of_another_surface_is_none_of_ours(writer: PolicyWriter) -> None:
    change = CloseShare(stage="dev", share_arn="arn")
    with pytest.raises(PlannedByAnotherReleaseError, match="CloseShare is none of"):
        apply_policy(writer, {"execution": RUN, **change_to_json(change)})
