"""The public hub: the published models, in pages, and what AWS does to them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from sandbox.kernel.wire.throttling import throttles
from sandbox.services.sagemaker.hubs import catalogue
from sandbox.services.sagemaker.hubs.names import the_public_hub
from sandbox.services.sagemaker.hubs.public_hub import NAME, PublicHub

Refused = Callable[..., str]
ARN = f"arn:aws:sagemaker:us-east-1:aws:hub/{NAME}"
LLAMA = "meta-textgeneration-llama-2-7b"


@pytest.fixture
def public() -> PublicHub:
    return PublicHub(the_public_hub("us-east-1"))


def pages(sagemaker: Any, hub: str = NAME, size: int = 100) -> list[list[dict[str, Any]]]:
    found: list[list[dict[str, Any]]] = []
    more: dict[str, str] = {}
    while True:
        answer = sagemaker.list_hub_contents(HubName=hub, HubContentType="Model", MaxResults=size, **more)
        found.append(answer["HubContentSummaries"])
        if "NextToken" not in answer:
            return found
        more = {"NextToken": answer["NextToken"]}


def describe(sagemaker: Any, name: str = LLAMA) -> dict[str, Any]:
    found: dict[str, Any] = sagemaker.describe_hub_content(HubName=NAME, HubContentType="Model", HubContentName=name)
    return found


def test_every_published_model_with_a_name_short_enough_is_listed_once(owner: Any, consumer: Any) -> None:
    wanted = sorted(entry.id for entry in catalogue.published() if len(entry.id) <= 63)
    assert len(wanted) == 1051
    found = pages(owner)
    assert [len(page) for page in found] == [100, 0] + [100] * 9 + [51]  # an empty page isn't the last one
    names = [each["HubContentName"] for page in found for each in page]
    assert names == wanted
    assert [each for page in pages(consumer, ARN) for each in page] == [each for page in found for each in page]


def test_a_model_of_it(owner: Any) -> None:
    found = describe(owner)
    assert found["HubArn"] == ARN
    assert found["HubContentArn"] == f"{ARN.replace(':hub/', ':hub-content/')}/Model/{LLAMA}/4.18.0"
    document = json.loads(found["HubContentDocument"])
    assert (document["Provider"].lower(), document["GatedBucket"]) == ("meta", True)
    assert document["HostingArtifactUri"].startswith("s3://jumpstart-private-cache-prod-us-east-1/")
    assert "@framework:meta" in found["HubContentSearchKeywords"]


def test_filters_of_the_list(owner: Any, refused: Refused) -> None:
    def names(**more: Any) -> list[str]:
        answer = owner.list_hub_contents(HubName=NAME, HubContentType="Model", MaxResults=100, **more)
        return [each["HubContentName"] for each in answer["HubContentSummaries"]]

    found = names(NameContains="llama-2-7b")
    assert LLAMA in found
    assert all("llama-2-7b" in name for name in found)
    assert names(NameContains="llama-2-7b", SortOrder="Descending") == found[::-1]
    assert names(MaxSchemaVersion="2.2.9") == []
    listing = {"HubName": NAME, "HubContentType": "Model"}
    assert refused(owner.list_hub_contents, **listing, MaxResults=101) == "ValidationException"
    token = owner.list_hub_contents(**listing, MaxResults=5)["NextToken"]
    assert refused(owner.list_hub_contents, **listing, NextToken=token, NameContains="x") == "ValidationException"
    assert owner.list_hub_contents(HubName=NAME, HubContentType="Notebook")["HubContentSummaries"] == []


def test_what_aws_does_to_it(owner: Any, public: PublicHub, refused: Refused) -> None:
    public.publish_version(LLAMA, "4.19.0", license="Other")
    assert describe(owner)["HubContentVersion"] == "4.19.0"
    public.set_support_status(LLAMA, "Restricted")
    assert describe(owner)["SupportStatus"] == "Restricted"
    versions = {"HubName": NAME, "HubContentType": "Model", "HubContentName": LLAMA}
    found = owner.list_hub_content_versions(**versions)["HubContentSummaries"]
    assert [(each["HubContentVersion"], each["SupportStatus"]) for each in found] == [
        ("4.18.0", "Restricted"),
        ("4.19.0", "Restricted"),
    ]
    public.rewrite(LLAMA, {"keywords": (), "document": "{}"})
    found = describe(owner)
    assert (found["HubContentDocument"], "HubContentSearchKeywords" in found) == ("{}", False)
    public.remove(LLAMA)
    assert LLAMA not in public.names()
    assert refused(owner.describe_hub_content, **versions) == "ResourceNotFound"


def test_names_too_long_for_a_hub_can_be_had(owner: Any, public: PublicHub) -> None:
    public.include_long_names()
    names = [each["HubContentName"] for page in pages(owner) for each in page]
    assert (len(names), sum(len(name) > 63 for name in names)) == (1096, 45)


def test_a_hub_of_any_size_for_measurements(owner: Any, public: PublicHub) -> None:
    public.refill(catalogue.synthetic(250))
    assert [len(page) for page in pages(owner)] == [100, 0, 100, 50]
    again = [entry.id for entry in catalogue.synthetic(250)]
    assert public.names() == sorted(again)


def test_too_many_calls_are_turned_away(owner: Any, refused: Refused) -> None:
    throttles.plan("sagemaker", "DescribeHubContent", every=3)
    codes = []
    for _ in range(6):
        try:
            describe(owner)
            codes.append("")
        except owner.exceptions.ClientError as error:
            codes.append(error.response["Error"]["Code"])
    assert codes == ["", "", "ThrottlingException"] * 2
    assert owner.list_hub_contents(HubName=NAME, HubContentType="Model")["HubContentSummaries"]


def test_nobody_changes_it(owner: Any, refused: Refused) -> None:
    assert refused(owner.create_hub, HubName=NAME, HubDescription="mine") == "ValidationException"
    assert owner.describe_hub(HubName=NAME)["HubArn"] == ARN
