"""Studio domains and their users, and what a guardrail keeps a Canvas user from."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from sandbox.kernel.clock import clock
from sandbox.kernel.delays import delays
from sandbox.kernel.wire.transport import client
from sandbox.stagegate import studio
from sandbox.stagegate.studio import Studio
from tests.support.authorization import CONSUMER, as_role, code_of, document, make_role, may, message_of

Refused = Callable[..., str]
DENIED = "AccessDeniedException"
SETTLED = 61.0
DISABLED = {"DirectDeploySettings": {"Status": "DISABLED"}}
JUMPSTART = [{"Key": "sagemaker-sdk:jumpstart-model-id", "Value": "meta-llama"}]
VARIANTS = [{"VariantName": "all", "ModelName": "m"}]


@pytest.fixture(autouse=True)
def built(guarded: None) -> Studio:
    delays.studio = 60.0
    made = studio.build(CONSUMER, "canvas", ["analyst"], without_role=["guest"])
    clock.advance(SETTLED)
    return made


def profile(built: Studio, user: str, sagemaker: Any | None = None) -> dict[str, Any]:
    sagemaker = sagemaker or client("sagemaker", CONSUMER)
    found: dict[str, Any] = sagemaker.describe_user_profile(DomainId=built.domain_id, UserProfileName=user)
    return found


def test_a_domain_and_its_users_are_found(consumer: Any, owner: Any, built: Studio, refused: Refused) -> None:
    (domain,) = consumer.list_domains()["Domains"]
    assert (domain["DomainId"], domain["DomainName"], domain["Status"]) == (built.domain_id, "canvas", "InService")
    assert consumer.describe_domain(DomainId=built.domain_id)["DefaultUserSettings"] == {
        "ExecutionRole": built.roles[""],
        "CanvasAppSettings": {"DirectDeploySettings": {"Status": "ENABLED"}},
    }
    users = consumer.list_user_profiles(DomainIdEquals=built.domain_id)["UserProfiles"]
    assert [each["UserProfileName"] for each in users] == ["analyst", "guest"]
    assert profile(built, "analyst")["UserSettings"]["ExecutionRole"] == built.roles["analyst"]
    assert profile(built, "guest")["UserSettings"] == {}
    assert owner.list_domains()["Domains"] == []
    assert refused(owner.describe_domain, DomainId=built.domain_id) == "ResourceNotFound"
    missing = {"DomainId": built.domain_id, "UserProfileName": "nobody"}
    assert refused(consumer.describe_user_profile, **missing) == "ResourceNotFound"


def test_lists_have_pages(consumer: Any, built: Studio) -> None:
    studio.build(CONSUMER, "second", ["a", "b"])
    first = consumer.list_user_profiles(MaxResults=3)
    second = consumer.list_user_profiles(MaxResults=3, NextToken=first["NextToken"])
    names = [each["UserProfileName"] for each in first["UserProfiles"] + second["UserProfiles"]]
    assert names == ["analyst", "guest", "a", "b"]
    page = consumer.list_domains(MaxResults=1)
    assert consumer.list_domains(MaxResults=1, NextToken=page["NextToken"])["Domains"][0]["DomainName"] == "second"
    newest = consumer.list_user_profiles(SortOrder="Descending", UserProfileNameContains="a")["UserProfiles"]
    assert [each["UserProfileName"] for each in newest] == ["a", "analyst"]


def test_an_update_replaces_what_it_gives_and_takes_its_time(consumer: Any, built: Studio, refused: Refused) -> None:
    named = {"DomainId": built.domain_id, "UserProfileName": "analyst"}
    consumer.update_user_profile(**named, UserSettings={"CanvasAppSettings": DISABLED})
    found = profile(built, "analyst")
    assert (found["Status"], found["UserSettings"]) == (
        "Updating",
        {"ExecutionRole": built.roles["analyst"], "CanvasAppSettings": DISABLED},
    )
    assert refused(consumer.update_user_profile, **named) == "ResourceInUse"
    default = {"CanvasAppSettings": DISABLED | {"KendraSettings": {"Status": "ENABLED"}}}
    consumer.update_domain(DomainId=built.domain_id, DefaultUserSettings=default)
    assert refused(consumer.update_domain, DomainId=built.domain_id) == "ResourceInUse"
    clock.advance(SETTLED)
    consumer.update_domain(DomainId=built.domain_id, DefaultUserSettings={"CanvasAppSettings": DISABLED})
    assert consumer.describe_domain(DomainId=built.domain_id)["DefaultUserSettings"] == {
        "ExecutionRole": built.roles[""],
        "CanvasAppSettings": DISABLED,
    }
    unknown = {"DirectDeploy": {"Status": "DISABLED"}}
    with pytest.raises(Exception, match="DirectDeploy"):
        consumer.update_domain(DomainId=built.domain_id, DefaultUserSettings={"CanvasAppSettings": unknown})


def test_updating_settings_takes_passing_the_roles_in_them(built: Studio) -> None:
    arn = f"arn:aws:sagemaker:us-east-1:{CONSUMER}:user-profile/{built.domain_id}/analyst"
    role = make_role(CONSUMER, "Guard", may("sagemaker:UpdateUserProfile", arn))
    guard = as_role("sagemaker", role)
    named = {"DomainId": built.domain_id, "UserProfileName": "analyst"}
    settings = {"CanvasAppSettings": DISABLED}
    assert code_of(guard.update_user_profile, **named, UserSettings=settings) == ""
    clock.advance(SETTLED)
    bedrock = {"GenerativeAiSettings": {"AmazonBedrockRoleArn": built.roles[""]}}
    for passed in ({"ExecutionRole": built.roles["analyst"]}, {"CanvasAppSettings": bedrock}):
        assert "iam:PassRole" in message_of(guard.update_user_profile, **named, UserSettings=passed)
    guest = named | {"UserProfileName": "guest"}
    assert code_of(guard.update_user_profile, **guest, UserSettings=settings) == DENIED
    assert code_of(guard.update_domain, DomainId=built.domain_id, DefaultUserSettings=settings) == DENIED
    assert code_of(guard.list_domains) == DENIED


def fence(built: Studio, statement: dict[str, Any]) -> Any:
    """The analyst's SageMaker, with `statement` on the boundary of the role."""
    iam = client("iam", CONSUMER)
    arn = iam.create_policy(PolicyName="fence", PolicyDocument=document(may("*"), statement))["Policy"]["Arn"]
    iam.put_role_permissions_boundary(RoleName="canvas-analyst", PermissionsBoundary=arn)
    return as_role("sagemaker", built.roles["analyst"])


@pytest.fixture
def model(consumer: Any) -> None:
    serving = f"arn:aws:iam::{CONSUMER}:role/canvas"
    image = {"Image": "763104351884.dkr.ecr.us-east-1.amazonaws.com/x:1"}
    consumer.create_model(ModelName="m", PrimaryContainer=image, ExecutionRoleArn=serving)


DEPLOYING = ["sagemaker:CreateEndpointConfig", "sagemaker:CreateEndpoint"]


@pytest.mark.usefixtures("model")
def test_endpoints_with_jumpstart_s_tag_can_be_denied_and_others_go_on(built: Studio) -> None:
    config = {"EndpointConfigName": "c", "ProductionVariants": VARIANTS}
    free = as_role("sagemaker", built.roles["analyst"])
    assert code_of(free.create_endpoint_config, **config, Tags=JUMPSTART) == ""
    assert code_of(free.create_endpoint, EndpointName="e", EndpointConfigName="c", Tags=JUMPSTART) == ""
    present = {"Null": {"aws:RequestTag/sagemaker-sdk:jumpstart-model-id": "false"}}
    kept = fence(built, may(DEPLOYING, effect="Deny", Condition=present))
    again = config | {"EndpointConfigName": "c2"}
    assert "explicit deny in a permissions boundary" in message_of(kept.create_endpoint_config, **again, Tags=JUMPSTART)
    assert code_of(kept.create_endpoint, EndpointName="e2", EndpointConfigName="c", Tags=JUMPSTART) == DENIED
    # Who leaves the tag out gets by: the tag is the caller's to give.
    assert code_of(kept.create_endpoint_config, **again) == ""
    assert code_of(kept.create_endpoint, EndpointName="e2", EndpointConfigName="c2") == ""
    other = [{"Key": "team", "Value": "ml"}]
    assert code_of(kept.create_endpoint_config, **again | {"EndpointConfigName": "c3"}, Tags=other) == ""


@pytest.mark.usefixtures("model")
@pytest.mark.parametrize(
    ("condition", "code"),
    [
        ({"ForAnyValue:StringLike": {"aws:TagKeys": "sagemaker-sdk:jumpstart-*"}}, DENIED),
        ({"ForAnyValue:StringLike": {"aws:TagKeys": "jumpstart-*"}}, ""),
        ({"StringLike": {"aws:RequestTag/sagemaker-sdk:jumpstart-model-id": "meta-*"}}, DENIED),
        ({"StringLike": {"aws:RequestTag/sagemaker-sdk:jumpstart-model-id": "mistral-*"}}, ""),
        ({"Null": {"aws:RequestTag/sagemaker-sdk:jumpstart-model-id": "true"}}, ""),
        ({"Null": {"aws:RequestTag/sagemaker-sdk:jumpstart-model-id": "*"}}, "InvalidPolicy"),
    ],
)
def test_conditions_on_tags(built: Studio, condition: dict[str, Any], code: str) -> None:
    kept = fence(built, may("sagemaker:CreateEndpointConfig", effect="Deny", Condition=condition))
    config = {"EndpointConfigName": "c", "ProductionVariants": VARIANTS}
    assert code_of(kept.create_endpoint_config, **config, Tags=JUMPSTART) == code


@pytest.mark.usefixtures("model")
def test_the_tags_of_an_endpoint_configuration_are_known_to_its_endpoint(built: Studio, consumer: Any) -> None:
    tagged = {"StringLike": {"aws:ResourceTag/sagemaker-sdk:jumpstart-model-id": "*"}}
    kept = fence(built, may("sagemaker:CreateEndpoint", effect="Deny", Condition=tagged))
    consumer.create_endpoint_config(EndpointConfigName="c", ProductionVariants=VARIANTS, Tags=JUMPSTART)
    assert code_of(kept.create_endpoint, EndpointName="e", EndpointConfigName="c") == DENIED
    consumer.create_endpoint_config(EndpointConfigName="d", ProductionVariants=VARIANTS)
    assert code_of(kept.create_endpoint, EndpointName="e", EndpointConfigName="d") == ""


@pytest.mark.usefixtures("model")
def test_endpoints_come_and_go(consumer: Any, refused: Refused) -> None:
    config = {"EndpointConfigName": "c", "ProductionVariants": VARIANTS}
    unknown = {"EndpointConfigName": "x", "ProductionVariants": [{"VariantName": "all", "ModelName": "n"}]}
    endpoint = {"EndpointName": "e", "EndpointConfigName": "c"}
    assert refused(consumer.create_endpoint_config, **unknown) == "ValidationException"
    assert refused(consumer.create_endpoint, **endpoint) == "ValidationException"
    consumer.create_endpoint_config(**config, Tags=JUMPSTART)
    assert refused(consumer.create_endpoint_config, **config) == "ValidationException"
    consumer.create_endpoint(**endpoint)
    assert refused(consumer.create_endpoint, **endpoint) == "ValidationException"
    assert consumer.describe_endpoint(EndpointName="e")["EndpointStatus"] == "InService"
    found = consumer.describe_endpoint_config(EndpointConfigName="c")
    assert found["ProductionVariants"] == VARIANTS
    assert consumer.list_tags(ResourceArn=found["EndpointConfigArn"])["Tags"] == JUMPSTART
    assert refused(consumer.create_endpoint_config, **config, KmsKeyId="k") == "NotInSandbox"
    consumer.delete_endpoint(EndpointName="e")
    consumer.delete_endpoint_config(EndpointConfigName="c")
    assert refused(consumer.describe_endpoint, EndpointName="e") == "ValidationException"
    assert refused(consumer.describe_endpoint_config, EndpointConfigName="c") == "ValidationException"
