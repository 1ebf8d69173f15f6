"""What a boundary would lock a stage's role out of is found before it is set."""

import json
from dataclasses import replace
from typing import Any

import pytest

from stagegate.aws.environment import Environment
from stagegate.rules.fence_kind import FenceKind
from stagegate.rules.model import Bucket
from stagegate.subjects.context import Planner
from stagegate.subjects.guardrails.observe_lockouts import lockouts
from tests.support.builders import DEV, PROD, some_rules
from tests.support.guardrails import the_guardrail
from tests.support.members import ScriptedMembers
from tests.support.packages import BUCKET, KEY, OPERATOR, STAGES
from tests.support.scripted import Answer, Scripted, refusal

SESSION = f"arn:aws:sts::{PROD}:assumed-role/ModelOperator/today"
LISTS_IT = {"AWS": [OPERATOR, PROD, SESSION]}
BUCKETS = (Bucket(name=BUCKET, account=DEV, key=KEY), Bucket(name=f"{BUCKET[:5]}*", account=DEV))
SECOND = f"{BUCKET[:5]}-second"


def policy(**deny: Any) -> str:
    statement = {"Sid": "Theirs", "Effect": "Deny", "NotPrincipal": LISTS_IT, "Action": "*", "Resource": "*", **deny}
    return json.dumps({"Version": "2012-10-17", "Statement": {k: v for k, v in statement.items() if v is not None}})


NONE = json.dumps({"Version": "2012-10-17", "Statement": []})


def found(
    environment: Environment,
    bucket: Answer | str = NONE,
    key: Answer | str = NONE,
    boundary: str = "",
    name: str = "ModelOperator",
    owned: Answer = {"Buckets": [{"Name": BUCKET}]},  # noqa: B006 - never changed
) -> tuple[dict[str, str], list[str]]:
    """What is found of a role of prod, and in which accounts was looked."""
    asked = {"Policy": bucket} if isinstance(bucket, str) else bucket
    s3 = Scripted("s3", GetBucketPolicy=asked, ListBuckets=owned)
    kms = Scripted("kms", GetKeyPolicy={"Policy": key} if isinstance(key, str) else key)
    members = ScriptedMembers(s3, kms)
    planner = Planner(
        environment=environment,
        rules=replace(some_rules(), stages=STAGES, buckets=BUCKETS),
        sagemaker=Scripted("sagemaker").client,
        ram=Scripted("ram").client,
        organizations=Scripted("organizations").client,
        dynamodb=Scripted("dynamodb").client,
        members=members.way_in(),
    )
    locked = lockouts(planner, the_guardrail(), PROD, {name: boundary})
    return locked, [account for account, _ in members.entered]


def test_a_deny_with_not_principal_would_hit_it_behind_a_boundary(environment: Environment) -> None:
    assert found(environment, bucket=policy())[0] == {
        "ModelOperator": f"statement Theirs in the policy of bucket {BUCKET} of {DEV}"
    }
    locked, looked = found(environment, bucket=policy(), key=policy(Action="kms:*"))
    assert locked["ModelOperator"].count("statement Theirs") == 2
    assert looked == [DEV, DEV, DEV]


def test_a_bucket_that_a_pattern_names_is_read_and_each_once(environment: Environment) -> None:
    owned: Answer = {"Buckets": [{"Name": BUCKET}, {"Name": SECOND}]}
    said: Answer = lambda request: {"Policy": policy() if request["Bucket"] == SECOND else NONE}  # noqa: E731
    locked, looked = found(environment, bucket=said, owned=owned)
    assert locked == {"ModelOperator": f"statement Theirs in the policy of bucket {SECOND} of {DEV}"}
    assert looked == [DEV] * 4


@pytest.mark.parametrize(
    "deny",
    [
        pytest.param({"Action": "s3:PutObject"}, id="of uploads"),
        pytest.param({"NotPrincipal": None, "Principal": "*"}, id="of everybody, boundary or not"),
        pytest.param({"NotPrincipal": {"AWS": DEV}}, id="that hits it without a boundary"),
        pytest.param({"Condition": {"Bool": {"aws:SecureTransport": "false"}}}, id="without TLS"),
        pytest.param({"Effect": "Allow"}, id="that is none"),
    ],
)
def test_another_deny_is_no_matter_of_boundaries(environment: Environment, deny: dict[str, Any]) -> None:
    assert found(environment, bucket=policy(**deny))[0] == {}


def test_nothing_is_read_of_a_role_that_has_a_boundary_or_is_no_stages(environment: Environment) -> None:
    assert found(environment, bucket=policy(), boundary=f"arn:aws:iam::{PROD}:policy/x") == ({}, [])
    assert found(environment, bucket=policy(), name="Somebody") == ({}, [])


def test_what_cannot_be_read_keeps_no_guardrail_off(environment: Environment) -> None:
    refused = refusal("AccessDenied")
    assert found(environment, bucket=refused, key=refused)[0] == {}
    assert found(environment, bucket="no policy")[0] == {}
    locked, _ = found(environment, bucket=policy(), owned=refused)
    assert locked == {"ModelOperator": f"statement Theirs in the policy of bucket {BUCKET} of {DEV}"}


def test_which_roles_get_a_boundary_is_in_the_rules() -> None:
    from stagegate.rules.names import bounded_roles
    from tests.support.guardrails import ANN, CANVAS, SCP

    stages = [replace(stage, fence=FenceKind.BOUNDARY if stage.name == "prod" else stage.fence) for stage in STAGES]
    rules = replace(some_rules(), stages=tuple(stages), guardrails=(CANVAS, replace(SCP, roles=(ANN,))))
    assert bounded_roles(rules, "aws") == {ANN, OPERATOR}
