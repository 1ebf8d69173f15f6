"""A package in a hub: twice is once, half is finished, and what somebody else has put there stays."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from stagegate.aws.environment import Environment
from stagegate.core.errors import ClaimLostError, HubFullError, LeaseHeldError, NotSettledError, RefusedError
from stagegate.ledger import items
from stagegate.surfaces.hub_contents import apply, apply_own, observe_own, write_own
from stagegate.surfaces.hub_contents.changes import Content, ObservedHub, OwnContent, RemoveOwn
from stagegate.surfaces.wire import change_to_json
from stagegate.targets.desired import desired_text_of, digest_of
from stagegate.targets.hub_content import HubContent
from stagegate.targets.target import CloseTarget, OpenTarget, hub_target
from tests.support.builders import GOVERNANCE, PROD
from tests.support.hubs import HUB_ARN
from tests.support.packages import PACKAGE_ARN
from tests.support.scripted import Answer, Scripted, refusal
from tests.support.table import Table
from tests.unit.surfaces.hub_contents.test_observing_hubs import HUB, OURS, a_page, described, listed

RUN, HUBS_RUN = "run", "the hub's run"
IN_USE, GONE = refusal("ResourceInUse"), refusal("ResourceNotFound")
CONTENT = HubContent(hub="allowed-models", package=PACKAGE_ARN, group="churn", stages=("prod",), accounts=(PROD,))
TARGET = hub_target(HUB_ARN)
OPEN = OpenTarget(subject_arn=PACKAGE_ARN, target=TARGET, content=CONTENT)
CLOSE = CloseTarget(subject_arn=PACKAGE_ARN, target=TARGET)
ARN = f"{HUB_ARN.replace(':hub/', ':hub-content/')}/Model/churn/1.0.3"
IMPORTED = {"HubArn": HUB_ARN, "HubContentArn": ARN}


def there(document: dict[str, Any] | None = None, status: str = "Available", **more: Any) -> dict[str, Any]:
    """What DescribeHubContent says of the package in the hub."""
    text = json.dumps(CONTENT.document if document is None else document)
    return described(
        text, **{"HubContentName": "churn", "HubContentVersion": "1.0.3", "HubContentStatus": status, **more}
    )


def versions(*numbers: str, marked: bool = True) -> dict[str, Any]:
    keywords: dict[str, Any] = {"HubContentSearchKeywords": ["stagegate:model-package"]} if marked else {}
    return a_page(*(listed("churn", HubContentVersion=number, **keywords) for number in numbers))


@pytest.fixture(autouse=True)
def slept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch) -> Iterator[Table]:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        made = Table.create(boto3.client("dynamodb"))
        made.claim(RUN, PACKAGE_ARN)
        made.claim(HUBS_RUN, HUB_ARN)
        yield made


def applied(table: Table, change: Any, holder: str = RUN, **answers: Answer | list[Answer]) -> Scripted:
    sagemaker = Scripted("sagemaker", **answers)
    environment = Environment(
        account=GOVERNANCE,
        region="us-east-1",
        prefix="stagegate",
        table=table.name,
        settings=Path("governance.toml"),
    )
    subject = HUB_ARN if isinstance(change, RemoveOwn) else PACKAGE_ARN
    request = {"subject": subject, "execution": holder, **change_to_json(change)}
    apply.apply_hub(sagemaker.client, table.client, environment, request)
    return sagemaker


def wanted(table: Table) -> dict[str, Any] | None:
    return table.get(items.target_key(TARGET.id), f"{items.DESIRED}{PACKAGE_ARN}")


def written(table: Table) -> dict[str, Any] | None:
    return table.get(items.subject_key(PACKAGE_ARN), f"{items.WRITTEN}{TARGET.id}")


NEW: dict[str, Any] = {
    "DescribeHubContent": [GONE, there(status="Importing"), there()],
    "ListHubContentVersions": versions(),
    "ImportHubContent": IMPORTED,
}


class TestPuttingOneIn:
    def test_is_an_import_with_the_package_in_its_document_and_our_mark(self, table: Table) -> None:
        sagemaker = applied(table, OPEN, **NEW)
        (request,) = sagemaker.of("ImportHubContent")
        assert (request["HubContentName"], request["HubContentVersion"]) == ("churn", "1.0.3")
        assert json.loads(request["HubContentDocument"])["HostingModelPackageArn"] == PACKAGE_ARN
        assert request["HubContentSearchKeywords"] == ["stagegate:model-package"]
        text = desired_text_of(OPEN)
        assert wanted(table) == {
            "pk": items.target_key(TARGET.id),
            "sk": f"{items.DESIRED}{PACKAGE_ARN}",
            "desired": text,
        }
        assert (written(table) or {})["digest"] == digest_of(text)

    def test_twice_is_once(self, table: Table) -> None:
        applied(table, OPEN, **NEW)
        assert applied(table, OPEN, DescribeHubContent=there()).operations == ["DescribeHubContent"] * 2

    def test_an_answer_that_was_lost_is_found_by_the_next_attempt(self, table: Table) -> None:
        with pytest.raises(NotSettledError):
            applied(table, OPEN, **{**NEW, "DescribeHubContent": GONE, "ImportHubContent": IN_USE})
        assert (written(table) or {}).get("digest") is None, "what is there is unknown"
        applied(table, OPEN, DescribeHubContent=there())
        assert (written(table) or {})["digest"] == digest_of(desired_text_of(OPEN))

    def test_what_says_something_else_is_deleted_first_and_then_imported(self, table: Table) -> None:
        old = there({**CONTENT.document, "HostingEcrUri": "x"}, HubContentVersion="1.0.3")
        changed = OpenTarget(subject_arn=PACKAGE_ARN, target=TARGET, content=CONTENT, closes=True)
        more = HubContent(
            hub="allowed-models", package=PACKAGE_ARN, group="churn", stages=("prod",), accounts=(PROD,), image="y"
        )
        assert applied(table, changed, DescribeHubContent=old).operations == ["DescribeHubContent"] * 2
        sagemaker = applied(
            table,
            OpenTarget(subject_arn=PACKAGE_ARN, target=TARGET, content=more),
            **{**NEW, "DescribeHubContent": [old, there(more.document)], "DeleteHubContent": {}},
        )
        assert sagemaker.operations[1:4] == ["DeleteHubContent", "ListHubContentVersions", "ImportHubContent"]

    @pytest.mark.parametrize(
        "answers",
        [
            {"DescribeHubContent": there({"HostingModelPackageArn": f"{PACKAGE_ARN}1"})},
            {"DescribeHubContent": there({})},
            {"DescribeHubContent": GONE, "ListHubContentVersions": versions("2.0.0", marked=False)},
        ],
    )
    def test_anothers_content_keeps_it_out_and_stays(self, table: Table, answers: dict[str, Any]) -> None:
        with pytest.raises(RefusedError, match="somebody else has put there"):
            applied(table, OPEN, **answers)

    def test_a_hub_without_room_or_that_is_gone_says_so(self, table: Table) -> None:
        full = refusal("ResourceLimitExceeded", "no more")
        with pytest.raises(HubFullError, match="keep fewer packages"):
            applied(table, OPEN, **{**NEW, "DescribeHubContent": GONE, "ImportHubContent": full})
        with pytest.raises(RefusedError, match="ResourceNotFound"):
            applied(table, OPEN, **{**NEW, "DescribeHubContent": GONE, "ImportHubContent": GONE})

    def test_an_import_that_failed_says_why_and_is_made_anew(self, table: Table) -> None:
        failed = there(status="ImportFailed", FailureReason="no such document")
        with pytest.raises(RefusedError, match="no such document"):
            applied(table, OPEN, **{**NEW, "DescribeHubContent": [GONE, failed]})
        sagemaker = applied(table, OPEN, **{**NEW, "DescribeHubContent": [failed, there()], "DeleteHubContent": {}})
        assert "DeleteHubContent" in sagemaker.operations

    def test_who_has_lost_the_claim_changes_nothing(self, table: Table) -> None:
        with pytest.raises(ClaimLostError):
            applied(table, OPEN, "an old run")
        assert wanted(table) is None

    def test_one_hub_is_written_by_one_run_at_a_time(self, table: Table) -> None:
        table.put(items.target_key(TARGET.id), items.LEASE, {"holder": "another", "expires": 4_000_000_000})
        with pytest.raises(LeaseHeldError):
            applied(table, OPEN)


class TestTakingOneOut:
    def test_it_is_deleted_and_is_waited_for(self, table: Table) -> None:
        applied(table, OPEN, **NEW)
        deleting = there(status="Deleting")
        sagemaker = applied(table, CLOSE, DescribeHubContent=[there(), deleting, GONE], DeleteHubContent={})
        assert sagemaker.of("DeleteHubContent") == [
            {
                "HubName": "allowed-models",
                "HubContentType": "Model",
                "HubContentName": "churn",
                "HubContentVersion": "1.0.3",
            }
        ]
        assert (wanted(table), written(table)) == (None, None)

    def test_nobody_else_waits_while_it_goes(self, table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
        leases: list[Any] = []
        lease = items.target_key(TARGET.id), items.LEASE
        monkeypatch.setattr("time.sleep", lambda _: leases.append(table.get(*lease)))
        own = RemoveOwn(hub_arn=HUB_ARN, contents=(OwnContent(package=PACKAGE_ARN, wanted=digest_of(None)),))
        for change, holder in ((CLOSE, RUN), (own, HUBS_RUN)):
            answers: dict[str, Any] = {
                "DescribeHubContent": [there(), there(status="Deleting"), GONE],
                "DeleteHubContent": {},
            }
            applied(table, change, holder, **answers)
        assert ["holder" in (found or {}) for found in leases] == [False, False]

    def test_what_is_gone_with_its_hub_or_is_anothers_is_closed(self, table: Table) -> None:
        for answer in (GONE, there({"HostingModelPackageArn": "arn:other"}), there([])):  # type: ignore[arg-type]
            applied(table, OPEN, **NEW)
            assert applied(table, CLOSE, DescribeHubContent=answer).operations == ["DescribeHubContent"]
            assert (wanted(table), written(table)) == (None, None)

    def test_what_does_not_go_is_not_settled(self, table: Table) -> None:
        with pytest.raises(NotSettledError):
            applied(table, CLOSE, DescribeHubContent=there(status="Deleting"))
        with pytest.raises(NotSettledError):
            applied(table, CLOSE, DescribeHubContent=there(), DeleteHubContent=IN_USE)


class TestTheHubsOwnRun:
    def own(self, digest: str) -> RemoveOwn:
        return RemoveOwn(hub_arn=HUB_ARN, contents=(OwnContent(package=PACKAGE_ARN, wanted=digest),))

    def test_takes_out_what_is_wanted_as_when_it_was_planned(self, table: Table) -> None:
        applied(table, OPEN, **NEW)
        answers: dict[str, Any] = {"DescribeHubContent": [there(), GONE], "DeleteHubContent": {}}
        assert (
            "DeleteHubContent"
            in applied(table, self.own(digest_of(desired_text_of(OPEN))), HUBS_RUN, **answers).operations
        )

    def test_and_what_nobody_wants(self, table: Table) -> None:
        answers: dict[str, Any] = {"DescribeHubContent": [there(), GONE], "DeleteHubContent": {}}
        assert "DeleteHubContent" in applied(table, self.own(digest_of(None)), HUBS_RUN, **answers).operations

    def test_leaves_what_its_package_has_put_there_meanwhile(self, table: Table) -> None:
        applied(table, OPEN, **NEW)
        assert applied(table, self.own(digest_of(None)), HUBS_RUN).operations == []

    def test_tries_every_one(self, table: Table) -> None:
        other = f"{PACKAGE_ARN}0"
        change = RemoveOwn(
            hub_arn=HUB_ARN,
            contents=tuple(OwnContent(package=each, wanted=digest_of(None)) for each in (PACKAGE_ARN, other)),
        )
        of_other = {"HostingModelPackageArn": other}
        sagemaker = Scripted(
            "sagemaker",
            DescribeHubContent=[there(), there(of_other), GONE],
            DeleteHubContent=[refusal("AccessDeniedException"), {}],
        )
        with pytest.raises(RefusedError, match="AccessDenied"):
            apply_own.remove_own(sagemaker.client, table.client, table.name, change, HUBS_RUN)
        assert len(sagemaker.of("DeleteHubContent")) == 2


class TestWhatIsThere:
    def seen(
        self, *others: Content, marked: tuple[str, ...] = (), texts: dict[str, str] | None = None, **answers: Any
    ) -> ObservedHub:
        hub = ObservedHub(status="InService", is_ours=True, others=others, marked=frozenset(marked))
        return observe_own.with_own(Scripted("sagemaker", **answers).client, HUB_ARN, hub, texts or {})

    def test_a_content_that_no_package_is_called_as_is_anothers_unasked(self) -> None:
        others = (Content(type="Model", name="theirs"), Content(type="Notebook", name="churn"))
        found = self.seen(*others, texts={PACKAGE_ARN: "x"})
        assert (found.others, found.own) == (others, ())

    def test_versions_are_told_apart_by_our_mark(self) -> None:
        model = Content(type="Model", name="churn")
        page = a_page(
            listed("churn", HubContentVersion="1.0.3", HubContentSearchKeywords=["stagegate:model-package"]),
            listed("churn", HubContentVersion="2.0.0"),
            listed("churn", HubContentVersion="1.0.4", HubContentStatus="Deleting"),
        )
        found = self.seen(model, texts={PACKAGE_ARN: "x"}, ListHubContentVersions=page)
        assert found.own == (OwnContent(package=PACKAGE_ARN, wanted=digest_of("x")),)
        assert found.others == (model,)
        stray = self.seen(model, marked=("churn",), ListHubContentVersions=versions("1.0.3"))
        assert (stray.own, stray.others) == ((OwnContent(package=PACKAGE_ARN, wanted=digest_of(None)),), ())

    def test_a_package_looks_for_the_hub_and_for_others_under_its_name(self) -> None:
        def room(**answers: Any) -> observe_own.Room:
            return observe_own.room(Scripted("sagemaker", **answers).client, HUB_ARN, PACKAGE_ARN)

        assert room(DescribeHub=GONE) == observe_own.Room(is_there=False)
        free = room(DescribeHub=HUB, ListTags=OURS, ListHubContentVersions=GONE)
        assert free == observe_own.Room(is_there=True, is_ours=True)
        pages: list[Any] = [{**versions("1.0.1"), "NextToken": "more"}, versions("2.0.0", marked=False)]
        taken = room(DescribeHub={**HUB, "HubStatus": "Creating"}, ListTags={"Tags": []}, ListHubContentVersions=pages)
        assert taken == observe_own.Room(is_there=False, is_ours=False, foreign=("2.0.0",))


def test_a_wait_for_what_does_not_come_ends() -> None:
    with pytest.raises(NotSettledError, match="still Importing"):
        write_own.wait(Scripted("sagemaker", DescribeHubContent=there(status="Importing")).client, HUB_ARN, PACKAGE_ARN)
