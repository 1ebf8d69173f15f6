"""Ten audiences cost a plan no call more than none, and one that selects by a tag costs it one."""

from collections import Counter
from pathlib import Path

import pytest

from sandbox.kernel.delays import Delays
from sandbox.stagegate.organization import Organization
from tests.support.sweeps import SHIPPED, SweepEnvironment

QUICK = Delays(cloudtrail=0.1, ram_association=0.05, wait_factor=0.05)
TEN = "".join(f'\n[[audiences]]\nname = "team-{n}"\ncards = ["team-{n}-*"]\n' for n in range(9)) + (
    '\n[[audiences]]\nname = "rest"\ncards = ["*"]\ngroups = ["*"]\n'
)

BY_TAG = (
    '\n[[tags]]\nkey = "team"\nprincipals = ["arn:aws:iam::111122223333:role/Administrator"]\n'
    '\n[[audiences]]\nname = "tagged"\ntag = { key = "team", values = ["fraud"] }\n'
    '\n[[audiences]]\nname = "rest"\ncards = ["*"]\ngroups = ["*"]\n'
)


def calls_of_plans(folder: Path, audiences: str) -> list[Counter[str]]:
    """The calls that planning makes as a card is created, as it is moved on, and as a sweep looks at it."""
    path = folder / "governance.toml"
    path.write_text(SHIPPED.read_text() + audiences)
    with Organization.start(path, delays=QUICK) as organization:
        environment, found = SweepEnvironment(organization), []

        def counted(mark: int) -> None:
            calls = organization.calls.since(mark)
            found.append(
                Counter(each.operation for each in calls if ":assumed-role/stagegate-plan/" in each.principal_arn)
            )

        mark = len(organization.calls)
        environment.creates("card")
        counted(mark)
        assert environment.seen_by_dev("card")
        mark = len(organization.calls)
        environment.sets("card", "PendingReview")
        assert organization.settle()
        counted(mark)
        mark = len(organization.calls)
        environment.sweeps()
        counted(mark)
    return found


def test_ten_audiences_cost_a_plan_no_call_more(tmp_path_factory: pytest.TempPathFactory) -> None:
    without = calls_of_plans(tmp_path_factory.mktemp("none"), "")
    with_ten = calls_of_plans(tmp_path_factory.mktemp("ten"), TEN)
    assert all(without)
    assert with_ten == without


def test_an_audience_by_tag_costs_each_plan_of_a_card_one_call(tmp_path_factory: pytest.TempPathFactory) -> None:
    without = calls_of_plans(tmp_path_factory.mktemp("none"), "")
    by_tag = calls_of_plans(tmp_path_factory.mktemp("tag"), BY_TAG)
    assert [each["ListTags"] for each in without] == [0, 0, 0]
    more = [with_ - without_ for with_, without_ in zip(by_tag, without, strict=True)]
    assert more == [Counter({"ListTags": each["DescribeModelCard"]}) for each in without]
