"""Private hubs, and what is put into them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from sandbox.kernel.clock import clock
from sandbox.kernel.delays import delays
from sandbox.kernel.wire import transport
from sandbox.services.sagemaker.hubs import public_hub
from sandbox.services.sagemaker.hubs.catalogue import Entry
from sandbox.services.sagemaker.hubs.names import the_public_hub
from sandbox.services.sagemaker.hubs.public_hub import PublicHub
from sandbox.services.sagemaker.quotas import quotas

CONSUMER, OWNER = "222233334444", "111122223333"
Refused = Callable[..., str]
SETTLED = 61.0  # more than the minute that the fixture sets
HUB = f"arn:aws:sagemaker:us-east-1:{OWNER}:hub/curated"
CONTENT = f"arn:aws:sagemaker:us-east-1:{OWNER}:hub-content/curated/ModelReference"


@pytest.fixture(autouse=True)
def public() -> PublicHub:
    """A public hub of three models; a minute for what settles later."""
    delays.hub = 60.0
    public = PublicHub(the_public_hub("us-east-1"))
    public.refill([Entry(id="meta-llama", version="1.2.0"), Entry(id="bert", version="2.0.0"), Entry(id="t5")])
    public.publish(Entry(id="meta-llama", version="1.10.0"))
    public.publish(Entry(id="meta-llama", version="2.0.0"))
    return public


@pytest.fixture
def hub(owner: Any) -> Any:
    owner.create_hub(HubName="curated", HubDescription="d")
    clock.advance(SETTLED)
    return owner


def refer(sagemaker: Any, public: PublicHub, name: str = "meta-llama", **more: Any) -> dict[str, Any]:
    made: dict[str, Any] = sagemaker.create_hub_content_reference(
        HubName="curated", SageMakerPublicHubContentArn=public.model_arn(name), **more
    )
    clock.advance(SETTLED)
    return made


def listed(sagemaker: Any, kind: str = "ModelReference", hub: str = "curated") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = sagemaker.list_hub_contents(HubName=hub, HubContentType=kind)["HubContentSummaries"]
    return found


def described(sagemaker: Any, name: str = "meta-llama", **more: Any) -> dict[str, Any]:
    named = {"HubName": "curated", "HubContentType": "ModelReference", "HubContentName": name}
    found: dict[str, Any] = sagemaker.describe_hub_content(**named, **more)
    return found


def test_a_hub_settles_and_its_name_is_taken(owner: Any, refused: Refused) -> None:
    create = {"HubName": "curated", "HubDescription": "d", "Tags": [{"Key": "team", "Value": "ml"}]}
    assert owner.create_hub(**create)["HubArn"] == HUB
    assert owner.describe_hub(HubName="curated")["HubStatus"] == "Creating"
    assert refused(owner.create_hub, **create) == "ResourceInUse"
    assert refused(owner.update_hub, HubName="curated", HubDescription="x") == "ResourceInUse"
    clock.advance(SETTLED)
    owner.update_hub(HubName="curated", HubDisplayName="Curated", HubSearchKeywords=["llm"])
    found = owner.describe_hub(HubName=HUB)
    assert (found["HubStatus"], found["HubDisplayName"], found["HubSearchKeywords"]) == (
        "InService",
        "Curated",
        ["llm"],
    )
    assert found["S3StorageConfig"] == {"S3OutputPath": f"s3://sagemaker-hubs-us-east-1-{OWNER}"}
    assert owner.list_tags(ResourceArn=HUB)["Tags"] == create["Tags"]


@pytest.mark.parametrize(
    "change",
    [
        {"HubName": "a" * 64},
        {"HubName": "a_b"},
        {"HubName": "-a"},
        {"HubName": public_hub.NAME},
        {"HubDescription": "d" * 1024},
        {"HubSearchKeywords": ["LLM"]},
        {"HubSearchKeywords": ["x"] * 51},
    ],
)
def test_limits_of_a_hub(owner: Any, refused: Refused, change: dict[str, Any]) -> None:
    create = {"HubName": "curated", "HubDescription": "d"} | change
    assert refused(owner.create_hub, **create) == "ValidationException"


def test_hubs_are_counted_listed_and_of_their_account(hub: Any, consumer: Any, refused: Refused) -> None:
    quotas.hubs = 2
    hub.create_hub(HubName="another", HubDescription="d")
    assert refused(hub.create_hub, HubName="third", HubDescription="d") == "ResourceLimitExceeded"
    names = [each["HubName"] for each in hub.list_hubs()["HubSummaries"]]
    assert names == ["another", "curated"]
    first = hub.list_hubs(MaxResults=1, SortBy="CreationTime")
    second = hub.list_hubs(MaxResults=1, SortBy="CreationTime", NextToken=first["NextToken"])
    assert [each["HubName"] for each in first["HubSummaries"] + second["HubSummaries"]] == ["curated", "another"]
    assert [each["HubName"] for each in hub.list_hubs(NameContains="cur")["HubSummaries"]] == ["curated"]
    assert consumer.list_hubs()["HubSummaries"] == []
    assert refused(consumer.describe_hub, HubName="curated") == "ResourceNotFound"


def test_a_hub_is_deleted_once_everything_in_it_is_gone(hub: Any, public: PublicHub, refused: Refused) -> None:
    refer(hub, public)
    model = {"HubName": "curated", "HubContentName": "own", "HubContentType": "Model"}
    document = {"DocumentSchemaVersion": "2.3.0", "HubContentDocument": "{}"}
    hub.import_hub_content(**model, **document, HubContentVersion="1.0.0")
    hub.import_hub_content(**model | {"HubContentType": "Notebook"}, **document)
    with pytest.raises(hub.exceptions.ResourceInUse, match="3 contents \\(Model, ModelReference, Notebook\\)"):
        hub.delete_hub(HubName="curated")
    reference = {"HubName": "curated", "HubContentType": "ModelReference", "HubContentName": "meta-llama"}
    assert refused(hub.delete_hub_content, **reference, HubContentVersion="2.0.0") == "ValidationException"
    hub.delete_hub_content_reference(**reference)
    hub.delete_hub_content(**model, HubContentVersion="1.0.0")
    assert refused(hub.delete_hub_content, **model, HubContentVersion="1.0.0") == "ResourceInUse"
    hub.delete_hub_content(**model | {"HubContentType": "Notebook"}, HubContentVersion="1.0.0")
    assert refused(hub.delete_hub, HubName="curated") == "ResourceInUse"  # the reference is on its way out
    clock.advance(SETTLED)
    hub.delete_hub(HubName="curated")
    assert hub.describe_hub(HubName="curated")["HubStatus"] == "Deleting"
    assert refused(hub.create_hub, HubName="curated", HubDescription="d") == "ResourceInUse"
    clock.advance(SETTLED)
    assert refused(hub.delete_hub, HubName="curated") == "ResourceNotFound"


def test_a_reference_shows_what_the_public_hub_has(hub: Any, public: PublicHub) -> None:
    made = hub.create_hub_content_reference(
        HubName="curated", SageMakerPublicHubContentArn=public.model_arn("meta-llama"), MinVersion="1.3.0"
    )
    assert made == made | {"HubArn": HUB, "HubContentArn": f"{CONTENT}/meta-llama"}
    assert [each["HubContentStatus"] for each in listed(hub)] == ["Importing"]
    clock.advance(SETTLED)
    (shown,) = listed(hub)
    assert shown["HubContentArn"] == f"{CONTENT}/meta-llama/2.0.0"
    assert shown["SageMakerPublicHubContentArn"] == public.model_arn("meta-llama")
    assert (shown["HubContentVersion"], shown["HubContentStatus"]) == ("2.0.0", "Available")
    assert described(hub)["ReferenceMinVersion"] == "1.3.0"
    public_version = hub.describe_hub_content(HubName=public.arn, HubContentType="Model", HubContentName="meta-llama")
    assert described(hub)["HubContentDocument"] == public_version["HubContentDocument"]
    assert listed(hub, "Model") == []


def test_a_minimum_is_a_floor_and_versions_are_numbers(hub: Any, public: PublicHub, refused: Refused) -> None:
    refer(hub, public, MinVersion="1.3.0")
    named = {"HubName": "curated", "HubContentType": "ModelReference", "HubContentName": "meta-llama"}

    def versions(**more: Any) -> list[str]:
        found = hub.list_hub_content_versions(**named, **more)["HubContentSummaries"]
        return [each["HubContentVersion"] for each in found]

    assert versions() == ["1.10.0", "2.0.0"]
    assert refused(hub.describe_hub_content, **named, HubContentVersion="1.2.0") == "ResourceNotFound"
    public.publish(Entry(id="meta-llama", version="3.0.0"))
    assert versions() == ["1.10.0", "2.0.0", "3.0.0"]
    assert versions(MinVersion="2.0.0", SortOrder="Descending") == ["3.0.0", "2.0.0"]
    for refused_version in ("3.0.0", "9.9.9", "1x0y0"):
        assert refused(hub.update_hub_content_reference, **named, MinVersion=refused_version) == "ValidationException"
    hub.update_hub_content_reference(**named, MinVersion="2.0.0")
    assert versions() == ["2.0.0", "3.0.0"]
    hub.update_hub_content_reference(**named, MinVersion="1.0.0")
    assert versions() == ["1.2.0", "1.10.0", "2.0.0", "3.0.0"]


def test_what_a_reference_is_refused_for(hub: Any, public: PublicHub, refused: Refused) -> None:
    def code(**change: Any) -> str:
        request = {"HubName": "curated", "SageMakerPublicHubContentArn": public.model_arn("bert")} | change
        return refused(hub.create_hub_content_reference, **request)

    assert code(HubName="other") == "ResourceNotFound"
    assert code(SageMakerPublicHubContentArn=public.model_arn("gpt")) == "ResourceNotFound"
    assert code(SageMakerPublicHubContentArn=f"{public.model_arn('bert')}/2.0.0") == "ValidationException"
    assert code(SageMakerPublicHubContentArn=f"{CONTENT}/bert") == "ValidationException"
    assert code(SageMakerPublicHubContentArn=public.model_arn("b" * 65)) == "ValidationException"
    assert code(MinVersion="2.0.1") == "ValidationException"
    assert code(HubContentName="b" * 64) == "ValidationException"
    refer(hub, public, "bert")
    assert code() == "ResourceInUse"
    quotas.hub_contents = 1
    assert code(HubContentName="again") == "ResourceLimitExceeded"


def test_a_reference_that_is_going_keeps_its_name_for_a_while(hub: Any, public: PublicHub, refused: Refused) -> None:
    refer(hub, public)
    named = {"HubName": "curated", "HubContentType": "ModelReference", "HubContentName": "meta-llama"}
    assert refused(hub.delete_hub_content_reference, **named | {"HubContentType": "Model"}) == "ValidationException"
    hub.delete_hub_content_reference(**named)
    hub.delete_hub_content_reference(**named)
    assert [each["HubContentStatus"] for each in listed(hub)] == ["Deleting"]
    assert refused(hub.update_hub_content_reference, **named, MinVersion="1.0.0") == "ResourceInUse"
    again = {"HubName": "curated", "SageMakerPublicHubContentArn": public.model_arn("meta-llama")}
    assert refused(hub.create_hub_content_reference, **again) == "ResourceInUse"
    clock.advance(SETTLED)
    assert listed(hub) == []
    assert refused(hub.delete_hub_content_reference, **named) == "ResourceNotFound"
    refer(hub, public)
    assert [each["HubContentStatus"] for each in listed(hub)] == ["Available"]


def test_a_model_that_disappears_leaves_a_reference_to_nothing(hub: Any, public: PublicHub, refused: Refused) -> None:
    refer(hub, public)
    public.remove("meta-llama")
    assert [each["HubContentName"] for each in listed(hub)] == ["meta-llama"]
    assert refused(described, sagemaker=hub) == "ResourceNotFound"
    public.publish(Entry(id="meta-llama", version="9.0.0"))  # another of that name is another
    assert refused(described, sagemaker=hub) == "ResourceNotFound"


def test_a_version_is_imported_once(hub: Any, refused: Refused) -> None:
    model = {"HubName": "curated", "HubContentName": "own", "HubContentType": "Model"}
    document = {"DocumentSchemaVersion": "2.3.0", "HubContentDocument": '{"Url": ""}'}
    made = hub.import_hub_content(**model, **document, HubContentVersion="1.0.0", SupportStatus="Restricted")
    assert made["HubContentArn"].endswith("hub-content/curated/Model/own/1.0.0")
    assert listed(hub, "Model")[0]["HubContentStatus"] == "Importing"
    assert refused(hub.import_hub_content, **model, **document, HubContentVersion="1.0.0") == "ResourceInUse"
    hub.import_hub_content(**model, **document, HubContentVersion="1.1.0")
    assert [each["HubContentVersion"] for each in listed(hub, "Model")] == ["1.1.0"]
    clock.advance(SETTLED)
    hub.import_hub_content(**model, **document, HubContentVersion="1.2.0")
    old = hub.describe_hub_content(**model, HubContentVersion="1.0.0")
    assert (old["HubContentStatus"], listed(hub, "Model")[0]["HubContentStatus"]) == ("Available", "Importing")
    assert (old["SupportStatus"], old["HubContentDocument"]) == ("Restricted", '{"Url": ""}')
    assert refused(hub.import_hub_content, **model | {"HubContentType": "DataSet"}, **document) == "NotInSandbox"
    odd = {**document, "HubContentDocument": "[]"}
    assert refused(hub.import_hub_content, **model, **odd, HubContentVersion="2.0.0") == "ValidationException"


def test_a_version_is_there_until_it_is_deleted(hub: Any, refused: Refused) -> None:
    model = {"HubName": "curated", "HubContentName": "own", "HubContentType": "Model"}
    document = {"DocumentSchemaVersion": "2.3.0", "HubContentDocument": "{}"}
    for number in ("1.0.0", "1.1.0"):
        hub.import_hub_content(**model, **document, HubContentVersion=number)
    hub.delete_hub_content(**model, HubContentVersion="1.1.0")
    assert listed(hub, "Model")[0]["HubContentStatus"] == "Deleting"
    assert refused(hub.import_hub_content, **model, **document, HubContentVersion="1.1.0") == "ResourceInUse"
    clock.advance(SETTLED)
    assert [each["HubContentVersion"] for each in listed(hub, "Model")] == ["1.0.0"]
    hub.delete_hub_content(**model, HubContentVersion="1.0.0")
    clock.advance(SETTLED)
    assert listed(hub, "Model") == []
    assert refused(hub.delete_hub_content, **model, HubContentVersion="1.0.0") == "ResourceNotFound"


def test_changes_of_hubs_are_in_cloudtrail(hub: Any, public: PublicHub, emitted: Any, refused: Refused) -> None:
    refer(hub, public)
    assert refused(hub.delete_hub, HubName="curated") == "ResourceInUse"
    calls = [event["detail"] for event in emitted.of("AWS API Call via CloudTrail")]
    assert [each["eventName"] for each in calls] == ["CreateHub", "CreateHubContentReference", "DeleteHub"]
    assert calls[1]["requestParameters"]["hubName"] == "curated"
    assert calls[2]["errorCode"] == "ResourceInUse"
    assert emitted.events == emitted.of("AWS API Call via CloudTrail")  # hubs have no events of their own


def test_another_account_reaches_a_hub_by_arn_alone(hub: Any, public: PublicHub) -> None:
    refer(hub, public)
    consumer = transport.client("sagemaker", CONSUMER)
    assert [each["HubContentName"] for each in listed(consumer, hub=HUB)] == ["meta-llama"]
    assert consumer.describe_hub(HubName=HUB)["HubName"] == "curated"
