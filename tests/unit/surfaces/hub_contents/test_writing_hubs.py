"""Writing to hubs: twice is once, and one reference that can't be written keeps no other from it."""

from typing import Any

import pytest

from stagegate.core.errors import HubFullError, NotSettledError, RefusedError, ThrottledError
from stagegate.surfaces.hub_contents import write as hubs
from stagegate.surfaces.hub_contents import write_references as hub_references
from stagegate.surfaces.hub_contents.changes import (
    Content,
    Done,
    Floor,
    MakeHub,
    RemoveContents,
    RemoveHub,
    SetReferences,
    public_arn,
)
from tests.support.hubs import HUB_ARN
from tests.support.scripted import Answer, Scripted, refusal
from tests.unit.surfaces.hub_contents.test_observing_hubs import HUB, OURS, a_page, described, listed

IN_USE, GONE = refusal("ResourceInUse"), refusal("ResourceNotFound")
REFERENCE_ARN = f"{HUB_ARN.replace(':hub/', ':hub-content/')}/ModelReference/a-b-c"
MADE = {"HubArn": HUB_ARN, "HubContentArn": REFERENCE_ARN}
MAKE = MakeHub(hub_arn=HUB_ARN, description="Looked at")


@pytest.fixture(autouse=True)
def one_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """A scripted answer belongs to the call before it."""
    monkeypatch.setattr(hub_references, "WRITERS", 1)


def add(*names: str, minimum: str | None = None) -> SetReferences:
    return SetReferences(hub_arn=HUB_ARN, add=(Floor(minimum=minimum, names=names),))


def there(target: str = "a-b-c", **more: Any) -> dict[str, Any]:
    return described("{}", SageMakerPublicHubContentArn=public_arn(HUB_ARN, target), **more)


def written(change: SetReferences, **answers: Answer | list[Answer]) -> tuple[Done, Scripted]:
    sagemaker = Scripted("sagemaker", **answers)
    return hub_references.set_references(sagemaker.client, change), sagemaker


class TestAdding:
    def test_names_the_public_model_and_the_minimum_where_there_is_one(self) -> None:
        done, sagemaker = written(add("a-b-c"), CreateHubContentReference=MADE)
        request = {
            "HubName": "allowed-models",
            "HubContentName": "a-b-c",
            "SageMakerPublicHubContentArn": public_arn(HUB_ARN, "a-b-c"),
        }
        assert (done, sagemaker.of("CreateHubContentReference")) == (Done(added=1), [request])
        _, sagemaker = written(add("a-b-c", minimum="1.2.0"), CreateHubContentReference=MADE)
        assert sagemaker.of("CreateHubContentReference") == [{**request, "MinVersion": "1.2.0"}]

    @pytest.mark.parametrize("minimum", [None, "1.2.0"])
    def test_again_leaves_what_is_as_wanted(self, minimum: str | None) -> None:
        found = there(ReferenceMinVersion=minimum or "1.0.0")
        done, sagemaker = written(
            add("a-b-c", minimum=minimum), CreateHubContentReference=IN_USE, DescribeHubContent=found
        )
        assert (done, sagemaker.operations) == (Done(), ["CreateHubContentReference", "DescribeHubContent"])

    def test_again_puts_the_minimum_right(self) -> None:
        done, sagemaker = written(
            add("a-b-c", minimum="1.2.0"),
            CreateHubContentReference=IN_USE,
            DescribeHubContent=there(),
            UpdateHubContentReference=MADE,
        )
        assert done == Done(added=1)
        assert sagemaker.of("UpdateHubContentReference")[0]["MinVersion"] == "1.2.0"

    @pytest.mark.parametrize(
        "found", [GONE, there(HubContentStatus="Deleting"), there(HubContentStatus="ImportFailed")]
    )
    def test_waits_for_the_one_before_to_go(self, found: Answer) -> None:
        with pytest.raises(NotSettledError, match="on its way out"):
            written(add("a-b-c"), CreateHubContentReference=IN_USE, DescribeHubContent=found)

    def test_never_takes_another_models_reference_for_its_own(self) -> None:
        with pytest.raises(RefusedError, match="made during this run"):
            written(add("a-b-c"), CreateHubContentReference=IN_USE, DescribeHubContent=there("other"))

    def test_a_full_hub_names_the_ways_out(self) -> None:
        with pytest.raises(HubFullError, match=r"no room for a-b-c: .10 is all.*a higher quota"):
            written(add("a-b-c"), CreateHubContentReference=refusal("ResourceLimitExceeded", "10 is all"))


class TestSeveralAtOnce:
    @staticmethod
    def but(name: str, error: Exception) -> Answer:
        def answer(request: Any) -> dict[str, str]:
            if request["HubContentName"] == name:
                raise error
            return MADE

        return answer

    def test_everything_is_tried_whatever_fails(self) -> None:
        names = [f"a-b-{n}" for n in range(20)]
        sagemaker = Scripted("sagemaker", CreateHubContentReference=self.but("a-b-3", refusal("ValidationException")))
        with pytest.raises(RefusedError, match="a-b-3"):
            hub_references.set_references(sagemaker.client, add(*names))
        tried = [request["HubContentName"] for request in sagemaker.of("CreateHubContentReference")]
        assert sorted(set(tried)) == sorted(names)

    def test_what_cannot_be_mended_by_trying_again_is_said_first(self) -> None:
        def answer(request: Any) -> dict[str, str]:
            codes = {"a-b-1": "ResourceInUse", "a-b-2": "ResourceLimitExceeded"}
            if code := codes.get(request["HubContentName"]):
                raise refusal(code)
            return MADE

        with pytest.raises(HubFullError):
            written(add("a-b-1", "a-b-2"), CreateHubContentReference=answer, DescribeHubContent=GONE)

    def test_nothing_is_added_before_everything_is_removed(self) -> None:
        change = SetReferences(hub_arn=HUB_ARN, remove=("x",), add=(Floor(minimum=None, names=("a-b-c",)),))
        sagemaker = Scripted("sagemaker", DeleteHubContentReference=refusal("AccessDeniedException"))
        with pytest.raises(RefusedError):
            hub_references.set_references(sagemaker.client, change)


class TestRemovingAndChanging:
    def test_what_is_gone_stays_gone(self) -> None:
        remove = SetReferences(hub_arn=HUB_ARN, remove=("a", "b"))
        done, _ = written(remove, DeleteHubContentReference=[{}, GONE])
        assert done == Done(removed=1)

    @pytest.mark.parametrize(("minimum", "sent"), [("1.2.0", "1.2.0"), (None, "1.0.0")])
    def test_the_minimum_of_all_versions_has_a_name(self, minimum: str | None, sent: str) -> None:
        change = SetReferences(hub_arn=HUB_ARN, change=(Floor(minimum=minimum, names=("a-b-c",)),))
        done, sagemaker = written(change, UpdateHubContentReference=MADE)
        assert (done, sagemaker.of("UpdateHubContentReference")[0]["MinVersion"]) == (Done(changed=1), sent)

    def test_a_reference_that_is_still_imported_is_waited_for(self) -> None:
        change = SetReferences(hub_arn=HUB_ARN, change=(Floor(minimum="1.2.0", names=("a-b-c",)),))
        with pytest.raises(NotSettledError):
            written(change, UpdateHubContentReference=IN_USE)

    @pytest.mark.parametrize(("code", "error"), [("ThrottlingException", ThrottledError), ("Other", RefusedError)])
    def test_errors_say_by_their_type_what_helps(self, code: str, error: type[Exception]) -> None:
        with pytest.raises(error):
            written(SetReferences(hub_arn=HUB_ARN, remove=("a",)), DeleteHubContentReference=refusal(code))


class TestTheHub:
    def test_is_made_with_our_tag_and_waited_for(self, slept: list[float]) -> None:
        creating = {**HUB, "HubStatus": "Creating"}
        sagemaker = Scripted("sagemaker", CreateHub={"HubArn": HUB_ARN}, DescribeHub=[creating, HUB])
        hubs.make_hub(sagemaker.client, MAKE)
        (request,) = sagemaker.of("CreateHub")
        assert request["Tags"] == [{"Key": "stagegate:resource-type", "Value": "hub"}]
        assert len(slept) == 1

    def test_is_made_once(self) -> None:
        hubs.make_hub(Scripted("sagemaker", CreateHub=IN_USE, ListTags=OURS, DescribeHub=HUB).client, MAKE)

    def test_of_somebody_else_is_not_taken_for_ours(self) -> None:
        sagemaker = Scripted("sagemaker", CreateHub=IN_USE, ListTags={"Tags": []})
        with pytest.raises(RefusedError, match="somebody else"):
            hubs.make_hub(sagemaker.client, MAKE)

    def test_that_takes_long_is_tried_again_and_one_that_failed_is_not(self) -> None:
        def answers(status: str) -> Scripted:
            return Scripted("sagemaker", CreateHub={"HubArn": HUB_ARN}, DescribeHub={**HUB, "HubStatus": status})

        with pytest.raises(NotSettledError):
            hubs.make_hub(answers("Creating").client, MAKE)
        with pytest.raises(RefusedError, match="CreateFailed"):
            hubs.make_hub(answers("CreateFailed").client, MAKE)

    def test_is_taken_over_by_its_tag(self) -> None:
        sagemaker = Scripted("sagemaker", AddTags={"Tags": []})
        hubs.make_hub(sagemaker.client, MakeHub(hub_arn=HUB_ARN, description="x", adopt=True))
        assert sagemaker.of("AddTags") == [
            {"ResourceArn": HUB_ARN, "Tags": [{"Key": "stagegate:resource-type", "Value": "hub"}]}
        ]

    @pytest.mark.parametrize("answer", [{}, GONE])
    def test_is_deleted_once(self, answer: Answer) -> None:
        hubs.remove_hub(Scripted("sagemaker", DeleteHub=answer).client, RemoveHub(hub_arn=HUB_ARN))

    def test_is_not_deleted_while_something_is_in_it(self) -> None:
        with pytest.raises(NotSettledError):
            hubs.remove_hub(Scripted("sagemaker", DeleteHub=IN_USE).client, RemoveHub(hub_arn=HUB_ARN))


class TestItsOtherContents:
    CHANGE = RemoveContents(hub_arn=HUB_ARN, contents=(Content(type="Notebook", name="notes"),))

    def test_are_deleted_in_every_version(self) -> None:
        pages: list[Answer] = [
            a_page(listed("notes", "Notebook", version="1.0.0"), more="1"),
            a_page(
                listed("notes", "Notebook", version="2.0.0"),
                listed("notes", "Notebook", version="3.0.0", HubContentStatus="Deleting"),
            ),
        ]
        sagemaker = Scripted("sagemaker", ListHubContentVersions=pages, DeleteHubContent={})
        hubs.remove_contents(sagemaker.client, self.CHANGE)
        deleted = [request["HubContentVersion"] for request in sagemaker.of("DeleteHubContent")]
        assert deleted == ["1.0.0", "2.0.0"]

    def test_that_are_gone_stay_gone(self) -> None:
        hubs.remove_contents(Scripted("sagemaker", ListHubContentVersions=GONE).client, self.CHANGE)

    def test_that_may_not_be_deleted_are_an_error(self) -> None:
        with pytest.raises(RefusedError):
            hubs.remove_contents(Scripted("sagemaker", ListHubContentVersions=refusal("Other")).client, self.CHANGE)
