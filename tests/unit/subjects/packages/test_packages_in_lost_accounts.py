"""A package whose bucket and key lie in an account that was closed, or has left the organization."""

from dataclasses import replace
from typing import Any

from stagegate.aws.environment import Environment
from stagegate.ledger import items
from stagegate.plans.mode import Mode
from stagegate.surfaces.wire import change_from_json
from stagegate.targets.target import ACCOUNT_CLOSED, CloseTarget
from tests.support.builders import DEV
from tests.support.ledger import kept_items
from tests.support.lost_accounts import ACTIVE, CLOSED, LEFT, ShutMembers, organizations
from tests.support.packages import PACKAGE_ARN
from tests.support.scripted import Answer
from tests.unit.runs.record_approval.test_recording_packages import described
from tests.unit.subjects.packages.test_planning_packages import APPROVAL, ASKED, DESIRED, Account, a_view, on_targets

OPEN = (*kept_items(PACKAGE_ARN, *ASKED, APPROVAL), a_view(), *on_targets())
LOST = {each.target.id for each in DESIRED if each.target.account == DEV}
CLOSED_ON_RECORD = [
    items.item(items.subject_key(PACKAGE_ARN), f"{items.WRITTEN}{target}", {"digest": ACCOUNT_CLOSED})
    for target in sorted(LOST)
]
REJECTED = {**described(), "ModelApprovalStatus": "Rejected"}


def account(
    environment: Environment, standing: Answer, *found: dict[str, Any], package: Answer | None = None
) -> Account:
    """The account of the package; that of its bucket stands so and can't be entered, unless it is active again."""
    made = Account(environment, *found, package=package)
    shut = "" if standing is ACTIVE else DEV
    members = ShutMembers(shut, made.s3, made.ecr, made.kms, made.iam)
    made.planner = replace(made.planner, members=members.way_in(), organizations=organizations(DEV, standing).client)
    return made


def closes(answer: dict[str, Any]) -> dict[str, bool]:
    """What closes, each with whether it is known to be in a closed account."""
    found = [change_from_json(change, (CloseTarget,)) for change in answer["changes"]]
    return {change.target.id: change.account_closed for change in found}


def closing(answer: dict[str, Any]) -> list[dict[str, Any]]:
    return [change for change in answer["changes"] if change["closes"]]


def codes(answer: dict[str, Any]) -> set[str]:
    return {finding["code"] for finding in answer["record"]["findings"] if finding["severity"] == "block"}


class TestClosed:
    def test_everything_of_the_package_closes_and_nobody_counts_as_blind(self, environment: Environment) -> None:
        answer = account(environment, CLOSED, *OPEN).plan(Mode.SWEEP)
        assert closes(answer) == {each.target.id: each.target.id in LOST for each in DESIRED}
        assert (codes(answer), answer["unseen"], answer["record"]["blind"]) == ({"AccountClosed"}, [], {})
        assert answer["access_after"] == []
        assert sum("on record, as its account is closed" in line for line in answer["lines"]) == len(LOST)

    def test_by_hand_too(self, environment: Environment) -> None:
        assert closes(account(environment, CLOSED, *OPEN).plan(Mode.MANUAL)).keys() >= LOST

    def test_it_stays_closed_and_nobody_tries_again(self, environment: Environment) -> None:
        for package in (None, REJECTED):
            found = account(
                environment, CLOSED, *kept_items(PACKAGE_ARN, *ASKED, APPROVAL), *CLOSED_ON_RECORD, package=package
            )
            for mode in (Mode.SWEEP, Mode.MANUAL, Mode.EVENT):
                answer = found.plan(mode)
                assert (answer["changes"], answer["unseen"]) == ([], [])

    def test_once_it_is_open_again_what_stands_there_is_closed(self, environment: Environment) -> None:
        found = account(environment, ACTIVE, *CLOSED_ON_RECORD, package=REJECTED)
        assert closes(found.plan(Mode.SWEEP)) == dict.fromkeys(LOST, False)

    def test_once_it_is_deleted_nothing_is_left_to_say(self, environment: Environment) -> None:
        found = account(environment, LEFT, *CLOSED_ON_RECORD, package=REJECTED)
        answer = found.plan(Mode.SWEEP)
        assert (answer["changes"], answer["unseen"]) == ([], [])


class TestLeft:
    def test_it_stays_visible_by_name_and_is_no_outage_of_ours(self, environment: Environment) -> None:
        answer = account(environment, LEFT, *OPEN).plan(Mode.SWEEP)
        assert (closing(answer), {each["account"] for each in answer["unseen"]}) == ([], {DEV})
        assert "AccountLeft" in {finding["code"] for finding in answer["record"]["findings"]}
        assert all(each["left"] and "has left the organization" in each["error"] for each in answer["unseen"])

    def test_closing_there_is_tried_all_the_same(self, environment: Environment) -> None:
        answer = account(environment, LEFT, *OPEN, package=REJECTED).plan(Mode.SWEEP)
        assert closes(answer) == dict.fromkeys((each.target.id for each in DESIRED), False)

    def test_an_account_that_is_there_and_refuses_may_be_an_outage(self, environment: Environment) -> None:
        found = account(environment, CLOSED, *OPEN)
        found.planner = replace(found.planner, organizations=organizations(DEV, ACTIVE).client)
        answer = found.plan(Mode.SWEEP)
        assert [each["left"] for each in answer["unseen"]] == [False] * len(answer["unseen"])
        assert (closing(answer), {each["account"] for each in answer["unseen"]}) == ([], {DEV})
