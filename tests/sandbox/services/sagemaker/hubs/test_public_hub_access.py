"""Who may look at the public hub and its bucket: everybody whose own account doesn't say otherwise."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.kernel.wire.transport import client
from sandbox.services.sagemaker.hubs.catalogue import Entry
from sandbox.services.sagemaker.hubs.names import the_public_hub
from sandbox.services.sagemaker.hubs.public_hub import NAME, PublicHub
from tests.support.authorization import (
    CONSUMER,
    MANAGEMENT,
    OUTSIDER,
    as_role,
    code_of,
    document,
    make_role,
    may,
    message_of,
)

pytestmark = pytest.mark.usefixtures("guarded")

DENIED = "AccessDeniedException"
PUBLIC = f"arn:aws:sagemaker:us-east-1:aws:hub/{NAME}"
PRIVATE = f"arn:aws:sagemaker:us-east-1:{CONSUMER}:hub/own"
BUCKET = "jumpstart-cache-prod-us-east-1"


@pytest.fixture(autouse=True)
def public() -> None:
    PublicHub(the_public_hub("us-east-1")).refill([Entry(id="open", version="2.0.0")])


def look(account: str, *statements: dict[str, Any]) -> Any:
    return as_role("sagemaker", make_role(account, "User", *statements))


def looks(sagemaker: Any) -> dict[str, str]:
    content = {"HubName": NAME, "HubContentType": "Model", "HubContentName": "open"}
    return {
        "list": code_of(sagemaker.list_hub_contents, HubName=PUBLIC, HubContentType="Model"),
        "describe": code_of(sagemaker.describe_hub_content, **content),
    }


def test_everybody_may_look_at_the_public_hub_whose_own_account_says_so() -> None:
    assert set(looks(look(OUTSIDER, may(["sagemaker:Describe*", "sagemaker:List*"]))).values()) == {""}
    nothing = as_role("sagemaker", make_role(CONSUMER, "Nothing"))
    assert set(looks(nothing).values()) == {DENIED}
    change = {"HubName": PUBLIC, "HubDescription": "mine"}
    assert code_of(look(CONSUMER, may("*")).update_hub, **change) == DENIED


FENCE = may("sagemaker:*", ["arn:aws:sagemaker:*:aws:hub/*", "arn:aws:sagemaker:*:aws:hub-content/*"], "Deny")


def test_a_guardrail_keeps_a_role_from_the_public_hub_and_leaves_it_the_private_one() -> None:
    client("sagemaker", CONSUMER).create_hub(HubName="own", HubDescription="d")
    user = look(CONSUMER, may("*"))
    assert set(looks(user).values()) == {""}
    iam = client("iam", CONSUMER)
    arn = iam.create_policy(PolicyName="fence", PolicyDocument=document(may("*"), FENCE))["Policy"]["Arn"]
    iam.put_role_permissions_boundary(RoleName="User", PermissionsBoundary=arn)
    assert set(looks(user).values()) == {DENIED}
    assert code_of(user.describe_hub, HubName=PRIVATE) == ""
    iam.delete_role_permissions_boundary(RoleName="User")
    assert set(looks(user).values()) == {""}


def test_a_service_control_policy_keeps_a_whole_account_from_it() -> None:
    user = look(CONSUMER, may("*"))
    organizations = client("organizations", MANAGEMENT)
    made = organizations.create_policy(
        Name="fence", Description="", Type="SERVICE_CONTROL_POLICY", Content=document(FENCE)
    )
    organizations.attach_policy(PolicyId=made["Policy"]["PolicySummary"]["Id"], TargetId=CONSUMER)
    assert "explicit deny in a service control policy" in message_of(
        user.list_hub_contents, HubName=NAME, HubContentType="Model"
    )
    assert set(looks(look(OUTSIDER, may("*"))).values()) == {""}


def test_the_public_bucket_is_open_to_who_may_read_and_the_gated_one_to_nobody() -> None:
    key = {"Bucket": BUCKET, "Key": "models_manifest.json"}
    assert code_of(as_role("s3", make_role(CONSUMER, "Nothing")).get_object, **key) == "AccessDenied"
    reader = as_role("s3", make_role(CONSUMER, "Reader", may("s3:*")))
    assert code_of(reader.get_object, **key) == ""
    assert code_of(reader.list_objects_v2, Bucket=BUCKET, Prefix="pytorch-notebooks/") == ""
    assert code_of(reader.list_objects_v2, Bucket="jumpstart-private-cache-prod-us-east-1") == "AccessDenied"
    assert code_of(reader.put_object, **key, Body=b"") == "AccessDenied"
    fenced = may("s3:GetObject*", f"arn:aws:s3:::{BUCKET}/*", "Deny")
    kept_out = as_role("s3", make_role(CONSUMER, "Fenced", may("s3:*"), fenced))
    assert code_of(kept_out.get_object, **key) == "AccessDenied"
