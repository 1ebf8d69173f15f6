"""Denies of other teams, as they stand in policies of buckets, keys and repositories, and what each does to a grant of
ours: to `ROLE` of prod, which reads a package's data in dev's bucket.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from stagegate.iam.globs import Answer
from stagegate.iam.requests import Place
from tests.support.builders import DEV, PROD
from tests.support.packages import BUCKET

ORGANIZATION = "o-stagegate01"
ROLE = f"arn:aws:iam::{PROD}:role/ModelOperator"
SESSION = f"arn:aws:sts::{PROD}:assumed-role/ModelOperator/today"
ROOT = f"arn:aws:iam::{PROD}:root"
OBJECT = f"arn:aws:s3:::{BUCKET}/churn/3/model.tar.gz"
WHOLE = f"arn:aws:s3:::{BUCKET}/*"
PLACE = Place(account=DEV, region="us-east-1", organization=ORGANIZATION)

NO, MAYBE, YES = Answer.NO, Answer.MAYBE, Answer.YES

Context = dict[str, str | list[str]]


@dataclass(frozen=True, kw_only=True)
class Shape:
    """A deny, the answer, and of an uncertain one two circumstances: in the first it refuses, in the second not."""

    name: str
    deny: dict[str, Any]
    answer: Answer
    version: str = "2012-10-17"
    refuses: Context = field(default_factory=dict)
    passes: Context = field(default_factory=dict)
    bounded: bool = False
    session: tuple[str, str] = ("today", "today")
    is_judged: bool = True
    """Whether the simulator from npm judges it: not what it has no rule for."""
    is_disputed: bool = False
    """Whether the two evaluators disagree: the sandbox, by AWS's guide, refuses what the simulator lets pass."""


def _shape(
    name: str, answer: Answer, *, refuses: Context | None = None, passes: Context | None = None, **more: Any
) -> Shape:
    own = {key: more.pop(key) for key in ("version", "bounded", "session", "is_judged", "is_disputed") if key in more}
    deny = {"Sid": "Theirs", "Effect": "Deny", "Principal": "*", "Action": "s3:GetObject", "Resource": WHOLE, **more}
    deny = {key: value for key, value in deny.items() if value is not None}
    return Shape(name=name, deny=deny, answer=answer, refuses=refuses or {}, passes=passes or {}, **own)


def _if(**conditions: dict[str, Any]) -> dict[str, Any]:
    return conditions


SHAPES = (
    # Whom it is about.
    _shape("everybody", YES),
    _shape("everybody, as AWS principals", YES, Principal={"AWS": "*"}),
    _shape("our role", YES, Principal={"AWS": ROLE}),
    _shape("our role's account", YES, Principal={"AWS": ROOT}),
    _shape("our role's account by its id", YES, Principal={"AWS": [DEV, PROD]}),
    _shape("another role", NO, Principal={"AWS": f"arn:aws:iam::{PROD}:role/Trainer"}),
    _shape("another account", NO, Principal={"AWS": f"arn:aws:iam::{DEV}:root"}),
    _shape("a service", NO, Principal={"Service": "logging.s3.amazonaws.com"}),
    _shape("one session", MAYBE, Principal={"AWS": SESSION}, session=("today", "tomorrow")),
    _shape("nobody of ours by NotPrincipal", YES, Principal=None, NotPrincipal={"AWS": f"arn:aws:iam::{DEV}:root"}),
    _shape(
        "NotPrincipal with role and account",
        MAYBE,
        Principal=None,
        NotPrincipal={"AWS": [ROLE, ROOT, SESSION]},
        is_disputed=True,
        session=("tomorrow", "today"),
    ),
    _shape(
        "NotPrincipal and a boundary",
        YES,
        Principal=None,
        NotPrincipal={"AWS": [ROLE, ROOT, SESSION]},
        bounded=True,
        is_judged=False,
    ),
    _shape(
        "NotPrincipal with the account and another role",
        MAYBE,
        Principal=None,
        NotPrincipal={"AWS": [ROOT, f"{ROLE}2"]},
        is_disputed=True,
    ),
    _shape("NotPrincipal with another role", YES, Principal=None, NotPrincipal={"AWS": f"{ROLE}2"}),
    # What it denies.
    _shape("every action", YES, Action="s3:*"),
    _shape("actions in other letters", YES, Action="S3:getobject*"),
    _shape("uploads", NO, Action="s3:PutObject"),
    _shape("deletions", NO, Action=["s3:DeleteObject*", "s3:PutBucketPolicy"]),
    _shape("all but uploads", YES, Action=None, NotAction="s3:PutObject"),
    _shape("all but reading", NO, Action=None, NotAction=["s3:Get*", "s3:List*"]),
    # On what.
    _shape("our object", YES, Resource=OBJECT),
    _shape("another folder", NO, Resource=f"arn:aws:s3:::{BUCKET}/fraud/*"),
    _shape("the bucket itself", NO, Resource=f"arn:aws:s3:::{BUCKET}"),
    _shape("a question mark", YES, Resource=f"arn:aws:s3:::{BUCKET}/churn/?/model.tar.gz"),
    _shape("all but a folder", YES, Resource=None, NotResource=f"arn:aws:s3:::{BUCKET}/fraud/*"),
    _shape("all but ours", NO, Resource=None, NotResource=f"arn:aws:s3:::{BUCKET}/churn/*"),
    _shape("a folder for each account", NO, Resource=f"arn:aws:s3:::{BUCKET}/${{aws:PrincipalAccount}}/*"),
    _shape(
        "a variable of before 2012",
        NO,
        Resource=f"arn:aws:s3:::{BUCKET}/${{aws:PrincipalAccount}}*",
        version="2008-10-17",
    ),
    # If what: known.
    _shape("no TLS", NO, Condition=_if(Bool={"aws:SecureTransport": "false"})),
    _shape("no TLS, as a boolean", NO, Condition=_if(Bool={"aws:SecureTransport": False})),
    _shape("old TLS", NO, Condition=_if(NumericLessThan={"s3:TlsVersion": "1.2"}), passes={"s3:TlsVersion": "1.2"}),
    _shape(
        "TLS 1.2",
        MAYBE,
        Condition=_if(NumericLessThan={"s3:TlsVersion": 1.3}),
        refuses={"s3:TlsVersion": "1.2"},
        passes={"s3:TlsVersion": "1.3"},
    ),
    _shape("not our organization", NO, Condition=_if(StringNotEquals={"aws:PrincipalOrgID": ORGANIZATION})),
    _shape("not their organization", YES, Condition=_if(StringNotEquals={"aws:PrincipalOrgID": "o-somebodyelse"})),
    _shape(
        "a data perimeter",
        NO,
        Condition=_if(
            StringNotEqualsIfExists={"aws:PrincipalOrgID": ORGANIZATION},
            BoolIfExists={"aws:PrincipalIsAWSService": "false"},
        ),
    ),
    _shape(
        "not below our organization",
        NO,
        Condition={"ForAllValues:StringNotLike": {"aws:PrincipalOrgPaths": f"{ORGANIZATION}/*"}},
    ),
    _shape(
        "the accounts of the case", YES, Condition=_if(StringNotEquals={"aws:PrincipalAccount": [DEV, "111122223333"]})
    ),
    _shape("accounts with ours", NO, Condition=_if(StringNotEquals={"aws:PrincipalAccount": [DEV, PROD]})),
    _shape("all roles but ours", NO, Condition=_if(ArnNotEquals={"aws:PrincipalArn": ROLE})),
    _shape(
        "all roles but another", YES, Condition=_if(ArnNotLike={"aws:PrincipalArn": f"arn:aws:iam::{PROD}:role/Admin*"})
    ),
    _shape("a pattern of roles", YES, Condition=_if(StringLike={"aws:PrincipalArn": "arn:aws:iam::*:role/Model*"})),
    _shape("another account's resource", NO, Condition=_if(StringNotEquals={"aws:ResourceAccount": DEV})),
    _shape(
        "unencrypted uploads",
        NO,
        Action="s3:PutObject",
        Condition=_if(Null={"s3:x-amz-server-side-encryption": "true"}),
    ),
    _shape(
        "reads too, by a header of uploads",
        YES,
        Action="s3:*",
        Condition=_if(StringNotEquals={"s3:x-amz-server-side-encryption": "aws:kms"}),
    ),
    _shape("only through access points", YES, Condition=_if(StringNotEquals={"s3:DataAccessPointAccount": DEV})),
    _shape(
        "services for others",
        NO,
        Condition=_if(StringNotEquals={"aws:SourceAccount": DEV}, Bool={"aws:PrincipalIsAWSService": "true"}),
    ),
    _shape(
        "two conditions, one never",
        NO,
        Condition=_if(StringNotEquals={"aws:SourceVpce": "vpce-1"}, Bool={"aws:SecureTransport": "false"}),
    ),
    # If what: who knows.
    _shape(
        "another endpoint",
        MAYBE,
        Condition=_if(StringNotEquals={"aws:SourceVpce": "vpce-1"}),
        refuses={"aws:SourceVpce": "vpce-2"},
        passes={"aws:SourceVpce": "vpce-1"},
    ),
    _shape(
        "another network",
        MAYBE,
        Condition=_if(NotIpAddress={"aws:SourceIp": ["10.0.0.0/8", "192.0.2.0/24"]}),
        refuses={"aws:SourceIp": "203.0.113.7"},
        passes={"aws:SourceIp": "192.0.2.9"},
    ),
    _shape(
        "a tag of the role",
        MAYBE,
        Condition=_if(StringNotEquals={"aws:PrincipalTag/team": "churn"}),
        refuses={"aws:PrincipalTag/team": "fraud"},
        passes={"aws:PrincipalTag/team": "churn"},
    ),
    _shape(
        "a tag of the object",
        MAYBE,
        Condition=_if(StringEquals={"s3:ExistingObjectTag/class": "secret"}),
        refuses={"s3:ExistingObjectTag/class": "secret"},
        passes={"s3:ExistingObjectTag/class": "open"},
    ),
    _shape(
        "a tag is missing",
        MAYBE,
        Condition=_if(Null={"aws:PrincipalTag/team": "true"}),
        passes={"aws:PrincipalTag/team": "churn"},
    ),
    _shape(
        "after a day",
        MAYBE,
        Condition=_if(DateGreaterThan={"aws:CurrentTime": "2027-01-01T00:00:00Z"}),
        refuses={"aws:CurrentTime": "2027-06-01T00:00:00Z"},
        passes={"aws:CurrentTime": "2026-06-01T00:00:00Z"},
    ),
    _shape(
        "their organization's network, or a tag",
        MAYBE,
        Condition=_if(
            StringNotEqualsIfExists={"aws:SourceVpc": "vpc-1", "aws:PrincipalTag/exempt": "yes"},
            BoolIfExists={"aws:PrincipalIsAWSService": "false"},
        ),
        refuses={"aws:SourceVpc": "vpc-2"},
        passes={"aws:SourceVpc": "vpc-1"},
    ),
)
