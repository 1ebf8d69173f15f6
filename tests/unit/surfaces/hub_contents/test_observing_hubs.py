"""Hubs are read page by page, whatever a page looks like; what a document doesn't say is not known."""

import json
from typing import Any

import pytest

from stagegate.core.errors import RefusedError, ThrottledError
from stagegate.subjects.hubs import observe_public as public_hub
from stagegate.surfaces.hub_contents import observe as hubs
from stagegate.surfaces.hub_contents.changes import Content, Reference
from tests.support.builders import CREATED
from tests.support.hubs import HUB_ARN
from tests.support.scripted import Answer, Scripted, refusal

TARGET = "arn:aws:sagemaker:us-east-1:aws:hub-content/SageMakerPublicHub/Model/a-b-c"
GONE = refusal("ResourceNotFound")


@pytest.fixture(autouse=True)
def one_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """A scripted answer belongs to the call before it."""
    monkeypatch.setattr(hubs, "READERS", 1)


def listed(name: str, kind: str = "Model", *, version: str = "1.0.0", **more: Any) -> dict[str, Any]:
    return {
        "HubContentName": name,
        "HubContentArn": f"{HUB_ARN.replace(':hub/', ':hub-content/')}/{kind}/{name}/{version}",
        "HubContentVersion": version,
        "HubContentType": kind,
        "DocumentSchemaVersion": "2.3.0",
        "HubContentStatus": "Available",
        "CreationTime": CREATED,
        **more,
    }


def a_page(*contents: dict[str, Any], more: str | None = None) -> dict[str, Any]:
    return {"HubContentSummaries": list(contents), **({"NextToken": more} if more else {})}


def described(document: str, **more: Any) -> dict[str, Any]:
    return {
        **listed("a-b-c"),
        "HubName": "SageMakerPublicHub",
        "HubArn": "arn:aws:sagemaker:us-east-1:aws:hub/SageMakerPublicHub",
        "HubContentDocument": document,
        **more,
    }


class TestThePublicHub:
    def test_a_page_may_be_empty_and_not_the_last(self) -> None:
        pages: list[Answer] = [a_page(listed("a-b-c"), more="1"), a_page(more="2"), a_page(listed("a-b-d"))]
        sagemaker = Scripted("sagemaker", ListHubContents=pages)
        assert set(public_hub.models(sagemaker.client)) == {"a-b-c", "a-b-d"}
        first, *others = sagemaker.of("ListHubContents")
        assert first == {"HubName": "SageMakerPublicHub", "HubContentType": "Model", "MaxResults": 100}
        assert [request["NextToken"] for request in others] == ["1", "2"]

    def test_a_list_that_never_ends_is_refused(self) -> None:
        sagemaker = Scripted("sagemaker", ListHubContents=a_page(listed("a-b-c"), more="again"))
        with pytest.raises(RefusedError, match="token twice"):
            public_hub.models(sagemaker.client)

    def test_the_latest_version_counts(self) -> None:
        versions = [listed("a-b-c", version=number) for number in ("1.9.0", "1.10.0", "1.2.0")]
        found = public_hub.models(Scripted("sagemaker", ListHubContents=a_page(*versions)).client)
        assert found["a-b-c"].version == "1.10.0"

    def test_a_model_is_what_its_entry_says(self) -> None:
        entry = listed("a-b-c", SupportStatus="Restricted", HubContentSearchKeywords=["@provider:meta"])
        model = public_hub.models(Scripted("sagemaker", ListHubContents=a_page(entry)).client)["a-b-c"]
        assert (model.support, model.keywords, model.created) == ("Restricted", ("@provider:meta",), CREATED)
        assert model.document is None
        notify = public_hub.models(Scripted("sagemaker", ListHubContents=a_page(listed("a-b-c"))).client)["a-b-c"]
        assert (notify.support, notify.keywords) == (None, ())

    def test_a_hub_that_cannot_be_listed_is_no_empty_hub(self) -> None:
        with pytest.raises(RefusedError):
            public_hub.models(Scripted("sagemaker", ListHubContents=GONE).client)
        with pytest.raises(ThrottledError):
            public_hub.models(Scripted("sagemaker", ListHubContents=refusal("ThrottlingException")).client)


class TestADocument:
    def read(self, document: str) -> dict[str, Any]:
        sagemaker = Scripted("sagemaker", DescribeHubContent=described(document))
        return dict(public_hub.document(sagemaker.client, "a-b-c", "1.0.0"))

    def test_is_read_of_that_version(self) -> None:
        sagemaker = Scripted("sagemaker", DescribeHubContent=described("{}"))
        public_hub.document(sagemaker.client, "a-b-c", "1.0.0")
        (request,) = sagemaker.of("DescribeHubContent")
        assert (request["HubContentName"], request["HubContentVersion"]) == ("a-b-c", "1.0.0")

    def test_has_what_filters_ask_and_no_more(self) -> None:
        stated = {
            "Provider": "Meta",
            "TrainingSupported": True,
            "ModelTypes": ["OPEN_WEIGHTS"],
            "Capabilities": "TRAINING",
            "HostingEcrUri": "x",
        }
        assert self.read(json.dumps(stated)) == {
            "Provider": "Meta",
            "TrainingSupported": True,
            "ModelTypes": ("OPEN_WEIGHTS",),
            "Capabilities": ("TRAINING",),
        }

    @pytest.mark.parametrize(
        "stated",
        [
            {"Provider": None},
            {"Provider": ""},
            {"Provider": 3},
            {"Provider": True},
            {"TrainingSupported": "yes"},
            {"TrainingSupported": ["true"]},
            {"Capabilities": [1]},
            {"Capabilities": {"a": 1}},
        ],
    )
    def test_of_another_shape_says_nothing(self, stated: dict[str, Any]) -> None:
        assert self.read(json.dumps(stated)) == {}

    @pytest.mark.parametrize("document", ["", "no JSON", "[]", "3"])
    def test_that_is_no_json_object_says_nothing(self, document: str) -> None:
        assert self.read(document) == {}

    def test_of_a_model_that_has_just_gone_says_nothing(self) -> None:
        assert public_hub.document(Scripted("sagemaker", DescribeHubContent=GONE).client, "a-b-c", "1.0.0") == {}


HUB = {
    "HubName": "allowed-models",
    "HubArn": HUB_ARN,
    "HubStatus": "InService",
    "CreationTime": CREATED,
    "LastModifiedTime": CREATED,
}
OURS = {"Tags": [{"Key": "team", "Value": "ml"}, {"Key": "stagegate:resource-type", "Value": "hub"}]}


class TestAPrivateHub:
    def test_is_none_where_there_is_none(self) -> None:
        assert hubs.observe(Scripted("sagemaker", DescribeHub=GONE).client, HUB_ARN, hubs.USED) is None

    def test_has_references_and_what_else_is_asked_for(self) -> None:
        contents = {
            "ModelReference": a_page(listed("a-b-c", "ModelReference", SageMakerPublicHubContentArn=TARGET)),
            "Model": a_page(listed("our-own"), listed("churn", HubContentSearchKeywords=["stagegate:model-package"])),
            "Notebook": a_page(listed("gone", "Notebook", HubContentStatus="Deleting")),
        }
        sagemaker = Scripted(
            "sagemaker",
            DescribeHub=HUB,
            ListTags=OURS,
            ListHubContents=lambda request: contents[request["HubContentType"]],
        )
        found = hubs.observe(sagemaker.client, HUB_ARN, hubs.USED)
        assert found is not None
        assert (found.status, found.is_ours) == ("InService", True)
        assert found.references == (Reference(name="a-b-c", target=TARGET, status="Available"),)
        assert found.others == (Content(type="Model", name="our-own"), Content(type="Model", name="churn"))
        assert found.marked == {"churn"}

    @pytest.mark.parametrize("tags", [[], [{"Key": "stagegate:resource-type", "Value": "model-card"}]])
    def test_without_our_tag_is_not_ours(self, tags: list[dict[str, str]]) -> None:
        sagemaker = Scripted("sagemaker", DescribeHub=HUB, ListTags={"Tags": tags}, ListHubContents=a_page())
        found = hubs.observe(sagemaker.client, HUB_ARN, ())
        assert found is not None
        assert not found.is_ours

    def test_a_reference_that_states_no_minimum_offers_all_versions(self) -> None:
        answers = {
            "a-b-c": described("{}", ReferenceMinVersion="1.2.0"),
            "a-b-d": described("{}"),
        }
        sagemaker = Scripted("sagemaker", DescribeHubContent=lambda request: answers[request["HubContentName"]])
        found = hubs.minimums(sagemaker.client, "allowed-models", ["a-b-c", "a-b-d"])
        assert found == {"a-b-c": "1.2.0", "a-b-d": "1.0.0"}

    def test_a_reference_that_has_just_gone_has_no_minimum(self) -> None:
        sagemaker = Scripted("sagemaker", DescribeHubContent=GONE)
        assert hubs.minimums(sagemaker.client, "allowed-models", ["a-b-c"]) == {}
