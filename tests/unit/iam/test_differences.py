"""A person reads who gains what and who loses it, and how full the document is."""

from dataclasses import replace

from stagegate.iam.describe import describe
from stagegate.iam.diff import diff, lacking
from stagegate.iam.limits import BUCKET_POLICY, REPOSITORY_POLICY
from stagegate.iam.render import render
from stagegate.iam.statements import SID_PREFIX, Effect, conditions_of, statement_for, to_json
from tests.support.statements import DEV, PROD, document_of, grant, root_of

FOREIGN = {"Sid": "Backup", "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"}


def test_only_what_changes_is_shown() -> None:
    packages = [grant(PROD, f"p{n}") for n in range(50)]
    before = render(document_of(FOREIGN), packages, BUCKET_POLICY).text
    wanted = [*packages[1:], grant(PROD, "new")]
    rendered = render(before, wanted, BUCKET_POLICY)
    assert diff(before, rendered, "aws") == (
        f"- all of {PROD} may s3:GetObject on arn:aws:s3:::models/p0/*",
        f"+ all of {PROD} may s3:GetObject on arn:aws:s3:::models/new/*",
        f"= bucket policy: 1 of our statements beside 1 of others, {rendered.size:,} bytes, {rendered.percent}% of"
        " 20,480",
    )


def test_nothing_to_do_is_one_line() -> None:
    before = document_of(grant())
    assert len(diff(before, render(before, [grant()], BUCKET_POLICY), "aws")) == 1


def test_the_same_access_in_other_statements_is_said_to_be_so() -> None:
    before = document_of(grant(PROD, "a"), grant(PROD, "b"))
    rendered = render(before, [grant(PROD, "a"), grant(PROD, "b")], BUCKET_POLICY)
    assert diff(before, rendered, "aws")[0] == "~ the same access, written differently"


def test_the_end_of_a_policy_is_said() -> None:
    before = document_of(grant())
    assert diff(before, render(before, [], BUCKET_POLICY), "aws") == (
        f"- all of {PROD} may s3:GetObject on arn:aws:s3:::models/churn/*",
        "= bucket policy: nothing is left, so it goes",
    )


def test_what_somebody_made_of_ours_is_shown() -> None:
    widened = {**to_json(grant()), "Principal": {"AWS": [root_of(PROD), root_of(DEV)]}}
    unreadable = {**to_json(grant(PROD, "x")), "Principal": "*"}
    before = document_of(widened, unreadable)
    lines = diff(before, render(before, [grant()], BUCKET_POLICY), "aws")
    assert lines[0].startswith('- edited by somebody else: "{')
    assert "'Principal': '*'" in lines[0]
    assert lines[1:-1] == (f"- all of {DEV} may s3:GetObject on arn:aws:s3:::models/churn/*",)


def test_an_account_that_the_service_writes_as_its_id_is_of_the_documents_partition() -> None:
    resources = ["arn:aws-cn:s3:::models/churn/*"]
    wanted = statement_for(PROD, None, partition="aws-cn", actions=["s3:GetObject"], resources=resources)
    before = document_of({**to_json(wanted), "Principal": {"AWS": PROD}})
    assert len(diff(before, render(before, [wanted], BUCKET_POLICY), "aws-cn")) == 1
    assert lacking(before, [wanted], SID_PREFIX, "aws-cn") == ()


def test_an_account_that_the_service_writes_as_its_id_is_no_difference() -> None:
    before = document_of({**to_json(grant()), "Principal": {"AWS": PROD}})
    assert len(diff(before, render(before, [grant()], BUCKET_POLICY), "aws")) == 1


def test_a_statement_reads_as_a_sentence() -> None:
    reader = grant(
        PROD,
        roles=["Deploy", "team/Serve"],
        conditions={"StringLike": {"s3:prefix": ["a/*", "b/*"]}, "Null": {"aws:PrincipalTag/x": "false"}},
    )
    assert describe(reader) == (
        f"role/Deploy of {PROD}, role/team/Serve of {PROD} may s3:GetObject on arn:aws:s3:::models/churn/*"
        " if aws:PrincipalTag/x is present and s3:prefix is like a/* or b/*"
    )
    fence = replace(
        grant(effect=Effect.DENY),
        conditions=conditions_of({"StringNotEquals": {"aws:PrincipalOrgID": "o-1"}, "Null": {"s3:prefix": "true"}}),
    )
    assert describe(fence) == (
        f"all of {PROD} must not s3:GetObject on arn:aws:s3:::models/churn/*"
        " if aws:PrincipalOrgID is none of o-1 and s3:prefix is absent"
    )


def test_a_repository_needs_no_name_on_its_own_policy() -> None:
    pull = statement_for(PROD, None, partition="aws", actions=["ecr:BatchGetImage"], resources=None)
    assert diff(None, render(None, [pull], REPOSITORY_POLICY), "aws")[0] == f"+ all of {PROD} may ecr:BatchGetImage"
