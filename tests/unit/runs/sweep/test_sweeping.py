"""A sweep looks at every subject once, wherever it is known from, and keeps its books."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from moto import mock_aws

from stagegate.aws.environment import Environment
from stagegate.core.errors import InputError
from stagegate.ledger import items, links, sweeps, units, withdrawal
from stagegate.ledger.units import Unit, Units
from stagegate.plans.sweep import NAMED, Totals
from stagegate.rules.imports import Import, Registration
from stagegate.rules.model import Bucket, Organization, Rules
from stagegate.runs.sweep.steps import PAGES_AT_ONCE, sweep
from stagegate.subjects import pages
from stagegate.subjects.context import Sweeper
from tests.support.builders import CREATED, DEV, GOVERNANCE, PROD, TEST, some_rules
from tests.support.guardrails import CANVAS
from tests.support.hubs import hub_rules
from tests.support.packages import package_rules
from tests.support.table import NAME, Table

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

SIZE = 3
LEFT = "555566667777"
NOTHING = asdict(Totals())
HERE = Environment(
    account=GOVERNANCE,
    region="us-east-1",
    prefix="stagegate",
    table=NAME,
    settings=Path("governance.toml"),
)


def card(number: int, region: str = "us-east-1") -> str:
    return f"arn:aws:sagemaker:{region}:{GOVERNANCE}:model-card/card-{number:03}"


def group(number: int) -> str:
    return f"arn:aws:sagemaker:us-east-1:{GOVERNANCE}:model-package-group/group-{number}"


def hub(number: int) -> str:
    return f"arn:aws:sagemaker:us-east-1:{GOVERNANCE}:hub/hub-{number}"


def package(number: int) -> str:
    return f"arn:aws:sagemaker:us-east-1:{GOVERNANCE}:model-package/churn/{number}"


@dataclass
class Lists:
    """SageMaker's lists of what there is, in pages."""

    cards: list[str] = field(default_factory=list)
    packages: list[str] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)
    hubs: list[str] = field(default_factory=list)
    meta: Any = field(default_factory=lambda: SimpleNamespace(partition="aws"))

    def list_model_cards(self, **requested: Any) -> dict[str, Any]:
        return _page(self.cards, "ModelCardSummaries", "ModelCardArn", requested)

    def list_model_packages(self, **requested: Any) -> dict[str, Any]:
        assert requested["ModelPackageType"] == "Versioned"
        return _page(self.packages, "ModelPackageSummaryList", "ModelPackageArn", requested)

    def list_model_package_groups(self, **requested: Any) -> dict[str, Any]:
        return _page(self.groups, "ModelPackageGroupSummaryList", "ModelPackageGroupArn", requested)

    def list_hubs(self, **requested: Any) -> dict[str, Any]:
        return _page(self.hubs, "HubSummaries", "HubArn", requested)

    def list_tags(self, **_requested: Any) -> dict[str, Any]:
        return {"Tags": [{"Key": "stagegate:resource-type", "Value": "hub"}]}


def _page(arns: list[str], members: str, name: str, requested: Mapping[str, Any]) -> dict[str, Any]:
    start = int(requested.get("NextToken", 0))
    end = start + requested["MaxResults"]
    more = {"NextToken": str(end)} if end < len(arns) else {}
    return {members: [{name: arn} for arn in arns[start:end]], **more}


@pytest.fixture(scope="module")
def dynamodb() -> Iterator["DynamoDBClient"]:
    with pytest.MonkeyPatch.context() as patch, mock_aws():
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        patch.setattr(pages, "PAGE", SIZE)
        patch.setattr(sweeps, "MOST_KEYS", SIZE)
        yield boto3.client("dynamodb")


def sweeper(dynamodb: "DynamoDBClient", lists: Lists, rules: Rules | None = None) -> Sweeper:
    """A sweeper of a ledger that has nothing in it."""
    if NAME in dynamodb.list_tables()["TableNames"]:
        dynamodb.delete_table(TableName=NAME)
    Table.create(dynamodb)
    return Sweeper(
        environment=HERE,
        rules=rules or replace(package_rules(), registrations=(Registration(stage="dev", groups=("*",)),)),
        sagemaker=lists,  # type: ignore[arg-type]
        dynamodb=dynamodb,
    )


def look(of: Sweeper, before: Mapping[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """The next step after an answer of the last one."""
    state = {name: before[name] for name in ("page", "cursor", "totals")} if before else {}
    request = {"page": 0, "cursor": None, "totals": NOTHING, "results": [], "trigger": "schedule", **state, **more}
    return sweep(of, {"step": "look", "sweep": "the-id", "state_machine": "the-machine", **request})


def pages_of(dynamodb: "DynamoDBClient") -> list[str]:
    """What sweeps have recorded of what they have found."""
    return [sk for pk, sk in Table(dynamodb).all_keys() if pk.startswith(items.sweep_key(""))]


def right(subject: str, **more: Any) -> dict[str, Any]:
    """What planning a subject comes to that is as it should be."""
    counts = {"open": 1, "closes": 0, "opens": 0}
    return {"subject": subject, "drifts": False, "asked": False, "grant_counts": counts, **more}


def drifting(subject: str, closes: int = 1) -> dict[str, Any]:
    return right(subject, drifts=True, grant_counts={"open": closes, "closes": closes, "opens": 0})


def looked_at(of: Sweeper) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Every subject that a sweep looks at, and what it comes to."""
    seen: list[dict[str, Any]] = []
    answer = look(of)
    while "verdict" not in answer:
        assert len(answer["subjects"]) <= SIZE
        seen += answer["subjects"]
        answer = look(of, answer, results=[right(each["subject"]) for each in answer["subjects"]])
    return seen, answer


def start(of: Sweeper) -> dict[str, Any]:
    """Somebody lets the sweep go on that has shown something."""
    return sweep(of, {"step": "start", "sweep": "the-id", "after": 0, "only_asked": False})


def test_what_a_withdrawal_would_take_out_is_shown_and_only_that_withdraws(dynamodb: "DynamoDBClient") -> None:
    of = sweeper(dynamodb, Lists(cards=[card(1)]))
    first = look(of)
    assert not first["withdrawn"]
    shown = look(of, first, trigger="withdrawal", results=[drifting(card(1), 1)])
    while "verdict" not in shown:
        shown = look(of, shown, trigger="withdrawal")
    assert (shown["withdrawn"], shown["verdict"]) == (True, "show")
    assert '{"sweep": "the-id"}' in shown["message"]["text"]
    assert not look(of)["withdrawn"], "it was shown, and nothing more"
    assert start(of)["subjects"] == [card(1)]
    again = look(of, first, results=[drifting(card(1), 99)])
    while "verdict" not in again:
        again = look(of, again)
    assert (again["withdrawn"], again["verdict"]) == (True, "apply")


def test_accounts_are_looked_at_where_something_can_lie_that_no_subject_names(dynamodb: "DynamoDBClient") -> None:
    named = Bucket(name="model-artifacts", account=TEST)
    by_pattern = Bucket(name="others-*", account=PROD)
    rules = replace(some_rules(), buckets=(named, by_pattern), organization=Organization(id="o-1", accounts=(LEFT,)))
    of = sweeper(dynamodb, Lists(), rules)
    seen, _ = looked_at(of)
    assert [each["subject"] for each in seen] == [f"account/{TEST}", f"account/{LEFT}"], "the others are subjects'"
    withdrawal.put(dynamodb, NAME, "the-id", CREATED)
    seen, _ = looked_at(of)
    everywhere = sorted({GOVERNANCE, DEV, TEST, PROD, LEFT})
    assert [each["subject"] for each in seen] == [f"account/{account}" for account in everywhere]


def test_an_account_that_no_stage_has_any_more_is_looked_at_though_nothing_names_it(
    dynamodb: "DynamoDBClient",
) -> None:
    """Neither the parameters of the stack nor the rules do: its fence would stay."""

    of = sweeper(dynamodb, Lists(), some_rules())

    def accounts(rules: Rules) -> list[str]:
        seen, _ = looked_at(replace(of, rules=rules))
        return [each["subject"] for each in seen if each["subject"].startswith("account/")]

    before = some_rules()
    assert accounts(before) == []
    after = replace(before, stages=tuple(replace(each, accounts=()) for each in before.stages))
    assert accounts(after) == [f"account/{each}" for each in sorted((DEV, TEST, PROD))]
    assert accounts(before) == []
    units.write(dynamodb, NAME, Units(units={"ou-ab12-11111111": Unit(accounts=(LEFT,))}))
    assert accounts(before) == [], "it is in a unit of a stage"
    units.write(dynamodb, NAME, Units(units={"ou-ab12-11111111": Unit(accounts=())}))
    assert accounts(before) == [f"account/{LEFT}"]


def test_accounts_that_models_are_imported_into_are_looked_at_those_of_units_too(dynamodb: "DynamoDBClient") -> None:
    before = some_rules()
    hosting = replace(before.stage("prod"), units=("ou-ab12-11111111",))
    stages = tuple(hosting if each.name == "prod" else each for each in before.stages)
    rules = replace(before, stages=stages, imports=(Import(stage="prod", groups=("*",)),))
    of = sweeper(dynamodb, Lists(), rules)
    units.write(
        dynamodb,
        NAME,
        Units(units={"ou-ab12-11111111": Unit(accounts=(LEFT,)), "ou-ab12-22222222": Unit(accounts=("888899990000",))}),
    )
    seen, _ = looked_at(of)
    assert [each["subject"] for each in seen] == [f"account/{account}" for account in sorted((PROD, LEFT))]


def test_a_sweep_that_has_shown_something_else_withdraws_nothing(dynamodb: "DynamoDBClient") -> None:
    of = sweeper(dynamodb, Lists(cards=[card(1)]))
    look(of, look(of), trigger="dry run", results=[drifting(card(1))])
    assert start(of)["subjects"] == [card(1)]
    assert not look(of)["withdrawn"]


def test_what_has_nothing_open_can_be_withdrawn_too(dynamodb: "DynamoDBClient") -> None:
    of = sweeper(dynamodb, Lists())
    shown = look(of, trigger="withdrawal")
    while "verdict" not in shown:
        shown = look(of, shown, trigger="withdrawal")
    assert shown["verdict"] == "show"
    assert start(of) == {"subjects": [], "after": 0, "more": False}
    assert look(of)["withdrawn"]


def test_a_name_on_record_that_no_subject_has_is_reported_and_the_others_are_looked_at(
    dynamodb: "DynamoDBClient",
) -> None:
    of = sweeper(dynamodb, Lists())
    table = Table(of.dynamodb)
    wrong = [card(1).replace("card-001", "-x-"), f"{card(2)}\n", "guardrail/-"]
    for arn in (*wrong, card(3)):
        table.knows(arn)
    seen, end = looked_at(of)
    assert [each["subject"] for each in seen] == [card(3)]
    assert sorted(end["totals"]["misnamed"]) == sorted(wrong)
    assert (end["verdict"], end["failures"]) == ("report", "")
    assert all(repr(arn) in end["message"]["text"] for arn in wrong)


NUMBERS = st.sets(st.integers(1, 8))


@settings(max_examples=20, deadline=None)
@given(recorded=NUMBERS, cards=NUMBERS, packages=NUMBERS, groups=NUMBERS, unlisted=NUMBERS, elsewhere=NUMBERS)
def test_every_subject_is_looked_at_once(
    dynamodb: "DynamoDBClient",
    recorded: set[int],
    cards: set[int],
    packages: set[int],
    groups: set[int],
    unlisted: set[int],
    elsewhere: set[int],
) -> None:
    lists = Lists(
        [card(n) for n in sorted(cards)], [package(n) for n in sorted(packages)], [group(n) for n in sorted(groups)]
    )
    of = sweeper(dynamodb, lists)
    table = Table(of.dynamodb)
    for number in recorded:
        table.knows(card(number))
        table.knows(package(number))
        table.knows(group(number))
    for number in unlisted:  # a claim from before there was a directory
        table.put(items.subject_key(card(100 + number)), items.CLAIM, {"wanted": 1, "done": 1})
        lists.cards.append(card(100 + number))
    for number in elsewhere:
        table.knows(card(number, "eu-west-1"))
    seen, end = looked_at(of)
    expected = {card(n) for n in recorded | cards} | {package(n) for n in recorded | packages}
    expected |= {group(n) for n in recorded | groups}
    expected |= {card(100 + number) for number in unlisted}
    assert sorted(each["subject"] for each in seen) == sorted(expected)
    assert end["totals"]["subjects"] == end["totals"]["open"] == len(expected)
    assert end["verdict"] == "nothing"


def test_pages_of_known_subjects_are_skipped_a_few_at_a_time(dynamodb: "DynamoDBClient") -> None:
    number = SIZE * (PAGES_AT_ONCE + 2)
    of = sweeper(dynamodb, Lists(cards=[card(n) for n in range(number)]))
    for n in range(number):
        Table(dynamodb).knows(card(n))
    answer = look(of, cursor={"list": "model-card", "token": None})
    assert (answer["subjects"], "verdict" in answer) == ([], False)
    assert answer["cursor"] == {"list": "model-card", "token": str(SIZE * PAGES_AT_ONCE)}
    assert "verdict" in look(of, answer)


def test_without_rules_for_packages_and_for_registering_none_is_listed(dynamodb: "DynamoDBClient") -> None:
    of = sweeper(dynamodb, Lists(packages=[package(1)], groups=[group(1)]), some_rules())
    assert looked_at(of)[0] == []


def test_every_hub_of_the_rules_is_looked_at_once(dynamodb: "DynamoDBClient") -> None:
    hubs = tuple(replace(hub_rules(), name=f"hub-{number}") for number in range(SIZE + 1))
    of = sweeper(dynamodb, Lists(), replace(some_rules(), hubs=hubs))
    Table(dynamodb).knows(hub(0))
    Table(dynamodb).knows(hub(100))  # whose entry is gone from the file
    seen = [each["subject"] for each in looked_at(of)[0]]
    assert sorted(seen) == sorted(hub(number) for number in (*range(SIZE + 1), 100))


def test_guardrails_are_looked_at_as_the_rules_have_them_and_those_that_they_had(dynamodb: "DynamoDBClient") -> None:
    of = sweeper(dynamodb, Lists(), replace(some_rules(), guardrails=(CANVAS, replace(CANVAS, name="studio"))))
    for name in ("canvas", "withdrawn"):
        Table(dynamodb).knows(f"guardrail/{name}")
    seen, _ = looked_at(of)
    assert sorted(each["subject"] for each in seen) == [
        "guardrail/canvas",
        "guardrail/studio",
        "guardrail/withdrawn",
    ]


def test_a_claim_says_what_is_left_over(dynamodb: "DynamoDBClient") -> None:
    of = sweeper(dynamodb, Lists())
    Table(dynamodb).knows(card(1), wanted=2)
    Table(dynamodb).knows(card(2))
    assert {each["subject"]: each["left_over"] for each in look(of)["subjects"]} == {card(1): True, card(2): False}


def test_what_drifts_is_put_down_and_judged(dynamodb: "DynamoDBClient") -> None:
    of = sweeper(dynamodb, Lists())
    failed = {"subject": card(3), "error": "RefusedError", "cause": "no"}
    end = look(of, page=1, results=[right(card(1)), drifting(card(2)), failed], cursor={"list": "end", "token": None})
    assert end["totals"] == {**NOTHING, "subjects": 3, "drifting": 1, "failed": 1, "open": 2, "closes": 1}
    assert end["verdict"] == "apply"
    assert f"- {card(3)}: RefusedError: no" in end["failures"]
    started = sweep(of, {"step": "start", "sweep": "the-id", "after": 0, "only_asked": False})
    assert started == {"subjects": [card(2)], "after": 1, "more": False}


def test_the_same_page_twice_is_put_down_once(dynamodb: "DynamoDBClient") -> None:
    of = sweeper(dynamodb, Lists())
    first, second = (look(of, page=4, results=[drifting(card(2))]) for _ in range(2))
    assert first == second
    assert len(pages_of(dynamodb)) == 1


def test_a_page_where_all_is_well_is_not_put_down(dynamodb: "DynamoDBClient") -> None:
    of = sweeper(dynamodb, Lists())
    look(of, page=4, results=[right(card(2))])
    assert pages_of(dynamodb) == []


def test_those_that_lose_most_are_named(dynamodb: "DynamoDBClient") -> None:
    of = sweeper(dynamodb, Lists())
    answer = look(of, page=1, results=[drifting(card(n), n) for n in range(NAMED)])
    end = look(of, answer, results=[drifting(card(500), 500)], cursor={"list": "end", "token": None})
    assert f"- {card(500)}: closes 500" in end["message"]["text"]
    assert f"- {card(0)}:" not in end["message"]["text"]
    assert end["verdict"] == "stop"


def test_how_a_kind_of_subject_is_counted_is_explained_once(dynamodb: "DynamoDBClient") -> None:
    of = sweeper(dynamodb, Lists())
    found = [drifting("guardrail/one"), drifting("guardrail/two"), drifting(card(1))]
    end = look(of, page=1, results=found, cursor={"list": "end", "token": None})
    assert end["message"]["text"].count("A guardrail that goes up counts as closing") == 1
    alone = look(of, page=2, results=[drifting(card(1))], cursor={"list": "end", "token": None}, sweep="other")
    assert "guardrail" not in alone["message"]["text"]


def test_drifting_subjects_are_started_page_by_page(dynamodb: "DynamoDBClient") -> None:
    of = sweeper(dynamodb, Lists())
    for page in (1, 7):
        look(of, page=page, results=[drifting(card(page))])
    first = sweep(of, {"step": "start", "sweep": "the-id", "after": 0, "only_asked": False})
    assert first == {"subjects": [card(1)], "after": 1, "more": True}
    second = sweep(of, {"step": "start", "sweep": "the-id", "after": first["after"], "only_asked": False})
    assert second == {"subjects": [card(7)], "after": 7, "more": False}
    last = sweep(of, {"step": "start", "sweep": "the-id", "after": 7, "only_asked": False})
    assert last == {"subjects": [], "after": 7, "more": False}


def test_the_packages_of_a_card_are_started_page_by_page(
    dynamodb: "DynamoDBClient", monkeypatch: pytest.MonkeyPatch
) -> None:
    of = sweeper(dynamodb, Lists())
    monkeypatch.setattr(links.following, "__defaults__", (2,))
    packages = [f"arn:aws:sagemaker:us-east-1:{GOVERNANCE}:model-package/churn/{number}" for number in (1, 2, 3)]
    for package in packages:
        Table(dynamodb).put(items.following_key(card(1)), package, {})
    asked = {"step": "start", "sweep": "card-churn", "after": None, "only_asked": False, "card": card(1)}
    first = sweep(of, asked)
    assert first == {"subjects": packages[:2], "after": packages[1], "more": True}
    assert sweep(of, {**asked, "after": first["after"]}) == {
        "subjects": packages[2:],
        "after": packages[2],
        "more": False,
    }
    assert sweep(of, {**asked, "card": card(2)}) == {"subjects": [], "after": None, "more": False}


def test_a_sweep_that_found_nothing_cannot_go_on(dynamodb: "DynamoDBClient") -> None:
    of = sweeper(dynamodb, Lists())
    with pytest.raises(
        InputError, match="sweep: found 'mistyped'; allowed: the id of a sweep that has found something"
    ):
        sweep(of, {"step": "start", "sweep": "mistyped", "after": 0, "only_asked": False})


def test_an_account_that_has_left_is_told_of_and_no_outage_of_ours(dynamodb: "DynamoDBClient") -> None:
    of = sweeper(dynamodb, Lists(cards=[]))
    unseen = [
        {"account": account * 12, "what": f"bucket {account}", "error": "found no way in", "left": account != "1"}
        for account in "123"
    ]
    results = [right(card(n), unseen=[each]) for n, each in enumerate(unseen)]
    end = look(of, page=1, results=results, cursor={"list": "end", "token": None})
    assert end["totals"]["unseen"] == ("1" * 12,)
    assert (end["totals"]["failed"], end["verdict"]) == (3, "nothing")
    assert "bucket 2 could not be looked at" in str(end["failures"])


def test_of_a_cards_packages_those_of_another_region_arent_started(dynamodb: "DynamoDBClient") -> None:
    of = sweeper(dynamodb, Lists())
    here, there = package(1), package(2).replace("us-east-1", "us-west-2")
    for each in (here, there):
        dynamodb.put_item(TableName=NAME, Item=items.item(items.following_key(card(1)), each, {}))
    answer = sweep(of, {"step": "start", "card": card(1), "after": ""})
    assert answer == {"subjects": [here], "after": there, "more": False}
