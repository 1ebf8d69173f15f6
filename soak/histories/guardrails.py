"""A guardrail on the role of Canvas: what people do to it, and what the role may invoke."""

from __future__ import annotations

import json
from collections.abc import Mapping

from soak.histories.world import DEV, World, is_let
from soak.histories.wrong import Wrong, WrongError
from soak.oracle import hubs as oracle

SUBJECT = "guardrail/soak"
ROLE = f"arn:aws:iam::{DEV}:role/Canvas"
_POLICY = f"arn:aws:iam::{DEV}:policy/stagegate/stagegate-guardrail-soak"
_MODELS = ("anthropic.claude-3-haiku-20240307-v1:0", "amazon.titan-text-express-v1")

_INVOKES = {"Effect": "Allow", "Action": "bedrock:InvokeModel", "Resource": "*"}
"""What its own policy allows."""


def begin(world: World) -> None:
    """The role is there, and may invoke whatever it likes."""
    iam = world.admin("iam", DEV)
    account = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{DEV}:root"}, "Action": "sts:AssumeRole"}
    iam.create_role(RoleName="Canvas", AssumeRolePolicyDocument=_document(account))
    iam.put_role_policy(RoleName="Canvas", PolicyName="own", PolicyDocument=_document(_INVOKES))


def tamper(world: World, number: int) -> None:
    """Somebody takes the guardrail off the role, or writes a policy of that name that denies nothing."""
    iam = world.admin("iam", DEV)
    policies = {each["Arn"] for each in iam.list_policies(Scope="Local")["Policies"]}
    if number % 2 and "PermissionsBoundary" in iam.get_role(RoleName="Canvas")["Role"]:
        iam.delete_role_permissions_boundary(RoleName="Canvas")
    elif number % 2 == 0 and _POLICY in policies:
        for version in iam.list_policy_versions(PolicyArn=_POLICY)["Versions"]:
            if not version["IsDefaultVersion"]:
                iam.delete_policy_version(PolicyArn=_POLICY, VersionId=version["VersionId"])
        allows = _document({"Effect": "Allow", "Action": "*", "Resource": "*"})
        iam.create_policy_version(PolicyArn=_POLICY, PolicyDocument=allows, SetAsDefault=True)
    else:
        return
    world.changed["guardrail"] = world.now()
    world.happened()


def judge(world: World) -> None:
    """The role may invoke exactly what the rules don't deny."""
    if world.rules.paused or world.looked.get("guardrail", 0.0) <= world.changed.get("guardrail", 0.0):
        return
    for model in _MODELS:
        must, found = not oracle.denies(world.rules, ROLE, model), _invokes(model)
        if found != must:
            kind = Wrong.access(found=found)
            raise WrongError(kind, f"guardrail: Canvas may invoke {model}: found {found}, must be {must}")
    own = world.admin("iam", DEV).get_role_policy(RoleName="Canvas", PolicyName="own")["PolicyDocument"]
    if own != json.loads(_document(_INVOKES)):
        raise WrongError(Wrong.FOREIGN_LOST, f"guardrail: the role's own policy is {json.dumps(own)}")


def _invokes(model: str) -> bool:
    return is_let(ROLE, "bedrock-runtime", "InvokeModel", {"modelId": model, "body": b"{}"})


def _document(statement: Mapping[str, object]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
