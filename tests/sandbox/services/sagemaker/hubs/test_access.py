"""Who may look into a private hub, change it and deploy from it: by share and by role."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sandbox.kernel.clock import clock
from sandbox.kernel.delays import delays
from sandbox.kernel.wire.transport import client
from sandbox.services.sagemaker.hubs.catalogue import Entry
from sandbox.services.sagemaker.hubs.names import the_public_hub
from sandbox.services.sagemaker.hubs.public_hub import NAME, PublicHub
from tests.support.authorization import (
    CONSUMER,
    OUTSIDER,
    OWNER,
    as_role,
    code_of,
    make_role,
    may,
    message_of,
)

pytestmark = pytest.mark.usefixtures("guarded")

DENIED, INVALID = "AccessDeniedException", "ValidationException"
SETTLED = 61.0
HUB = f"arn:aws:sagemaker:us-east-1:{OWNER}:hub/curated"
CONTENTS = f"arn:aws:sagemaker:us-east-1:{OWNER}:hub-content/curated"
SERVING = f"arn:aws:iam::{CONSUMER}:role/Serving"
BUCKET = "jumpstart-cache-prod-us-east-1"
READ, USE, FULL = (
    f"arn:aws:ram::aws:permission/AWSRAMPermissionSageMakerHub{name}"
    for name in ("Read", "ReadAndUse", "FullAccessPolicy")
)


@pytest.fixture(autouse=True)
def public() -> PublicHub:
    public = PublicHub(the_public_hub("us-east-1"))
    public.refill(
        [
            Entry(id="open", version="2.0.0", framework="hf"),
            Entry(id="gated", version="1.0.0", gated=True),
            Entry(id="sold", version="1.0.0", type="proprietary"),
            Entry(id="other", version="1.0.0"),
        ]
    )
    return public


@pytest.fixture(autouse=True)
def hub(owner: Any, public: PublicHub) -> Any:
    delays.hub = 60.0
    owner.create_hub(HubName="curated", HubDescription="d")
    clock.advance(SETTLED)
    for name in ("open", "gated", "sold"):
        owner.create_hub_content_reference(HubName="curated", SageMakerPublicHubContentArn=public.model_arn(name))
    clock.advance(SETTLED)
    return owner


def share(permission: str, account: str = CONSUMER) -> str:
    ram = client("ram", OWNER)
    made = ram.create_resource_share(
        name="hub", resourceArns=[HUB], principals=[account], permissionArns=[permission], allowExternalPrincipals=True
    )
    clock.advance(SETTLED)
    return str(made["resourceShare"]["resourceShareArn"])


def deployer(account: str = CONSUMER) -> Any:
    return as_role("sagemaker", make_role(account, "Deployer", may("sagemaker:*"), may("iam:PassRole", SERVING)))


def model(name: str = "open", **change: Any) -> dict[str, Any]:
    """A CreateModel request from the hub's reference to a model; `change` are members of its S3DataSource."""
    described = client("sagemaker", OWNER).describe_hub_content(
        HubName=NAME, HubContentType="Model", HubContentName=name
    )
    artifacts = json.loads(described["HubContentDocument"]).get("HostingArtifactUri", f"s3://{BUCKET}/x/")
    source = {
        "S3Uri": artifacts,
        "S3DataType": "S3Prefix",
        "CompressionType": "None",
        "HubAccessConfig": {"HubContentArn": f"{CONTENTS}/ModelReference/{name}"},
    } | change
    return {
        "ModelName": f"m-{len(json.dumps(change))}-{name}",
        "PrimaryContainer": {
            "Image": "763104351884.dkr.ecr.us-east-1.amazonaws.com/x:1",
            "ModelDataSource": {"S3DataSource": source},
        },
        "ExecutionRoleArn": SERVING,
    }


def outcomes(sagemaker: Any) -> dict[str, str]:
    content = {"HubName": HUB, "HubContentType": "ModelReference", "HubContentName": "open"}
    calls = {
        "DescribeHub": (sagemaker.describe_hub, {"HubName": HUB}),
        "ListHubContents": (sagemaker.list_hub_contents, {"HubName": HUB, "HubContentType": "ModelReference"}),
        "ListHubContentVersions": (sagemaker.list_hub_content_versions, content),
        "DescribeHubContent": (sagemaker.describe_hub_content, content),
        "CreateModel": (sagemaker.create_model, model()),
        "DeleteHubContentReference": (sagemaker.delete_hub_content_reference, content),
    }
    return {name: code_of(call, **arguments) for name, (call, arguments) in calls.items()}


READING = {"DescribeHub", "ListHubContents", "ListHubContentVersions", "DescribeHubContent"}
EVERYTHING = READING | {"CreateModel", "DeleteHubContentReference"}


@pytest.mark.parametrize(
    ("permission", "allowed"), [(READ, READING), (USE, READING | {"CreateModel"}), (FULL, EVERYTHING)]
)
def test_a_share_opens_what_its_permission_says(permission: str, allowed: set[str]) -> None:
    consumer = deployer()
    assert set(outcomes(consumer).values()) == {DENIED}
    arn = share(permission)
    assert outcomes(consumer) == {name: "" if name in allowed else DENIED for name in EVERYTHING}
    client("ram", OWNER).delete_resource_share(resourceShareArn=arn)
    clock.advance(SETTLED)
    assert set(outcomes(consumer).values()) == {DENIED}


def test_a_share_of_one_hub_is_not_one_of_another(hub: Any) -> None:
    hub.create_hub(HubName="curated-2", HubDescription="d")
    share(READ)
    consumer = deployer()
    assert code_of(consumer.describe_hub, HubName=HUB) == ""
    assert code_of(consumer.describe_hub, HubName=f"{HUB}-2") == DENIED
    assert code_of(consumer.list_hub_contents, HubName=f"{HUB}-2", HubContentType="Model") == DENIED


def test_outside_the_organization_an_invitation_comes_first() -> None:
    outsider = deployer(OUTSIDER)
    share(READ, OUTSIDER)
    assert code_of(outsider.describe_hub, HubName=HUB) == DENIED
    ram = client("ram", OUTSIDER)
    (invitation,) = ram.get_resource_share_invitations()["resourceShareInvitations"]
    ram.accept_resource_share_invitation(resourceShareInvitationArn=invitation["resourceShareInvitationArn"])
    clock.advance(SETTLED)
    assert code_of(outsider.describe_hub, HubName=HUB) == ""


def test_permissions_of_hubs_can_be_looked_up_and_none_is_taken_by_default() -> None:
    ram = client("ram", OWNER)
    found = ram.list_permissions(resourceType="sagemaker:hub")["permissions"]
    assert {each["arn"] for each in found} == {READ, USE, FULL}
    policy = json.loads(ram.get_permission(permissionArn=USE)["permission"]["permission"])
    assert "sagemaker:DeployHubModel" in policy["Action"]
    create = {"name": "x", "resourceArns": [HUB], "principals": [CONSUMER]}
    assert "by default" in message_of(ram.create_resource_share, **create)
    missing = create | {"resourceArns": [f"{HUB}-2"], "permissionArns": [READ]}
    assert code_of(ram.create_resource_share, **missing) == "UnknownResourceException"


def test_the_consumer_has_to_be_let_by_its_own_account_on_hub_and_content() -> None:
    share(USE)
    describe = {"HubName": HUB, "HubContentType": "ModelReference", "HubContentName": "open"}
    for number, (resources, code) in enumerate(
        (
            ([HUB], DENIED),
            ([f"{CONTENTS}/*"], DENIED),
            ([HUB, f"{CONTENTS}/ModelReference/other"], DENIED),
            ([HUB, f"{CONTENTS}/ModelReference/open"], ""),
        )
    ):
        role = make_role(CONSUMER, f"R{number}", may("sagemaker:DescribeHubContent", resources))
        assert code_of(as_role("sagemaker", role).describe_hub_content, **describe) == code


def test_deploying_takes_an_action_that_no_operation_has() -> None:
    share(USE)
    role = make_role(CONSUMER, "Modeller", may("sagemaker:CreateModel"), may("iam:PassRole", SERVING))
    message = message_of(as_role("sagemaker", role).create_model, **model())
    assert "sagemaker:DeployHubModel" in message
    assert HUB in message


def test_what_can_t_be_deployed_from_a_hub(hub: Any, public: PublicHub) -> None:
    share(USE)
    consumer = deployer()

    def code(name: str = "open", **change: Any) -> str:
        return code_of(consumer.create_model, **model(name, **change))

    def named(content: str) -> dict[str, Any]:
        return {"HubAccessConfig": {"HubContentArn": content}}

    assert code() == ""
    assert code(**named(f"{CONTENTS}/ModelReference/open/2.0.0")) == ""
    assert code(**named(f"{CONTENTS}/ModelReference/open/1.0.0")) == INVALID
    assert code(**named(f"{CONTENTS}/ModelReference/other")) == INVALID  # was never in it
    assert code(**named(f"{CONTENTS}/Model/open")) == INVALID
    assert code(**named(public.model_arn("open"))) == DENIED  # nobody deploys from the public hub like this
    assert code_of(client("sagemaker", CONSUMER).create_model, **model(**named(public.model_arn("open")))) == INVALID
    assert code(S3Uri=f"s3://{BUCKET}/another/") == INVALID
    assert code("gated") == INVALID
    assert code("gated", ModelAccessConfig={"AcceptEula": False}) == INVALID
    assert code("gated", ModelAccessConfig={"AcceptEula": True}) == ""
    assert "subscription" in message_of(consumer.create_model, **model("sold"))


def test_a_reference_that_goes_takes_deploying_with_it(hub: Any, public: PublicHub) -> None:
    share(USE)
    consumer = deployer()
    assert code_of(consumer.create_model, **model()) == ""
    hub.delete_hub_content_reference(HubName="curated", HubContentType="ModelReference", HubContentName="open")
    assert code_of(consumer.create_model, **model() | {"ModelName": "second"}) == INVALID
    hub.create_hub_content_reference(HubName="curated", SageMakerPublicHubContentArn=public.model_arn("other"))
    assert code_of(consumer.create_model, **model("other")) == INVALID  # still importing
    clock.advance(SETTLED)
    assert code_of(consumer.create_model, **model("other")) == ""


def test_curating_takes_the_hub_and_the_reference_to_be(public: PublicHub) -> None:
    create = {"HubName": "curated", "SageMakerPublicHubContentArn": public.model_arn("other")}
    for name, resources, code in (
        ("A", HUB, DENIED),
        ("B", [HUB, f"{CONTENTS}/ModelReference/open"], DENIED),
        ("C", [HUB, f"{CONTENTS}/ModelReference/*"], ""),
    ):
        curator = as_role("sagemaker", make_role(OWNER, name, may("sagemaker:CreateHubContentReference", resources)))
        assert code_of(curator.create_hub_content_reference, **create) == code
    tagged = create | {"HubContentName": "again", "Tags": [{"Key": "a", "Value": "b"}]}
    assert "sagemaker:AddTags" in message_of(curator.create_hub_content_reference, **tagged)


def test_tags_of_a_hub_are_condition_keys(hub: Any) -> None:
    tagged = {"StringEquals": {"aws:ResourceTag/team": "ml"}}
    role = make_role(OWNER, "Sweeper", may("sagemaker:DeleteHub", Condition=tagged))
    assert code_of(as_role("sagemaker", role).delete_hub, HubName="curated") == DENIED
    hub.add_tags(ResourceArn=HUB, Tags=[{"Key": "team", "Value": "ml"}])
    assert code_of(as_role("sagemaker", role).delete_hub, HubName="curated") == "ResourceInUse"
