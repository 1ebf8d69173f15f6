"""A sweep that would close more than it may asks first, and what it tells can be acted on."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stagegate.plans.sweep import Drift, Failure, Totals, Trigger, Verdict, failures_message, judge, sweep_message
from stagegate.plans.withdrawal import withdrawal_message
from stagegate.rules.model import Rules
from stagegate.rules.sweeps import AfterDeployment, SweepRules
from tests.support.builders import CARD_ARN, some_rules

ON_SCHEDULE = Trigger.SCHEDULE
RULES = some_rules()
COUNTS = st.integers(0, 10_000)


def rules(**changes: object) -> Rules:
    return replace(RULES, sweep=replace(SweepRules(), **changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("closes", "open_", "verdict"),
    [
        (10, 10, Verdict.APPLY),  # so few may always close
        (11, 11, Verdict.STOP),
        (11, 55, Verdict.APPLY),  # exactly a fifth
        (11, 54, Verdict.STOP),
        (2000, 10_000, Verdict.APPLY),
        (2001, 10_000, Verdict.STOP),
    ],
)
def test_more_than_both_limits_stops(closes: int, open_: int, verdict: Verdict) -> None:
    assert judge(RULES, Totals(drifting=closes, closes=closes, open=open_), ON_SCHEDULE) is verdict


@pytest.mark.parametrize(
    ("unseen", "accounts", "verdict"),
    [
        (1, 1, Verdict.APPLY),  # one account alone may well keep us out
        (2, 2, Verdict.BLIND),
        (2, 4, Verdict.APPLY),  # exactly half
        (3, 5, Verdict.BLIND),
    ],
)
def test_where_most_accounts_are_unseen_the_outage_is_ours(unseen: int, accounts: int, verdict: Verdict) -> None:
    names = tuple(f"{number:012}" for number in range(accounts))
    totals = Totals(drifting=1, closes=1, open=100).with_accounts(names[unseen:], names[:unseen])
    assert judge(RULES, totals, ON_SCHEDULE) is verdict
    text = message(verdict, totals, [])
    assert (f"could not look into {unseen} of {accounts} accounts" in text) is (verdict is Verdict.BLIND)


@pytest.mark.parametrize("trigger", Trigger)
def test_nothing_that_drifts_is_nothing_to_do(trigger: Trigger) -> None:
    found = judge(RULES, Totals(subjects=9, open=9, failed=1), trigger)
    assert found is (Verdict.SHOW if trigger is Trigger.WITHDRAWAL else Verdict.NOTHING)


@given(closes=COUNTS, more=COUNTS, opens=COUNTS, trigger=st.sampled_from(Trigger))
def test_what_closes_everything_is_never_applied_unasked(closes: int, more: int, opens: int, trigger: Trigger) -> None:
    totals = Totals(drifting=1, open=closes, closes=closes, opens=opens)
    if judge(RULES, totals, trigger) is Verdict.APPLY:
        assert closes <= RULES.sweep.ask_above_grants
    if judge(RULES, replace(totals, open=closes + more), trigger) is Verdict.STOP:
        assert judge(RULES, totals, trigger) is Verdict.STOP


def test_after_a_deployment_it_reports_unless_told_otherwise() -> None:
    few, many = Totals(drifting=1, open=100, closes=1), Totals(drifting=99, open=100, closes=99)
    assert judge(RULES, few, Trigger.DEPLOYMENT) is Verdict.REPORT
    assert judge(RULES, many, Trigger.DEPLOYMENT) is Verdict.REPORT
    last_notified_digest = rules(after_deployment=AfterDeployment.APPLY)
    assert judge(last_notified_digest, few, Trigger.DEPLOYMENT) is Verdict.APPLY
    assert judge(last_notified_digest, many, Trigger.DEPLOYMENT) is Verdict.STOP


ASKED = Totals(drifting=3, open=100, closes=90, to_close=90, asked=2, asked_closes=2)


def test_what_subjects_ask_for_is_closed_after_a_deployment_and_the_rest_is_reported() -> None:
    assert judge(RULES, ASKED, Trigger.DEPLOYMENT) is Verdict.ASKED
    assert judge(RULES, replace(ASKED, asked=3, asked_closes=2), Trigger.DEPLOYMENT) is Verdict.APPLY
    assert judge(rules(after_deployment=AfterDeployment.APPLY), ASKED, Trigger.DEPLOYMENT) is Verdict.STOP
    assert judge(some_rules(paused=True), ASKED, Trigger.DEPLOYMENT) is Verdict.REPORT


def test_of_what_subjects_ask_for_too_much_is_asked_about_as_ever() -> None:
    many = replace(ASKED, asked_closes=80)
    assert judge(RULES, many, Trigger.DEPLOYMENT) is Verdict.STOP
    blind = replace(ASKED, unseen=("1", "2"), accounts=("3",))
    assert judge(RULES, blind, Trigger.DEPLOYMENT) is Verdict.BLIND


@pytest.mark.parametrize("verdict", [Verdict.REPORT, Verdict.ASKED, Verdict.STOP])
def test_each_sweep_that_leaves_something_open_says_so(verdict: Verdict) -> None:
    assert "Open, and to be closed: 90 places." in message(verdict, ASKED, [])
    assert "to be closed" not in message(Verdict.APPLY, ASKED, [])
    assert ("2 subjects ask for it themselves" in message(verdict, ASKED, [])) == (verdict is Verdict.ASKED)


def test_a_person_may_look_and_is_asked_too() -> None:
    many = Totals(drifting=99, open=100, closes=99)
    assert judge(RULES, many, Trigger.DRY_RUN) is Verdict.SHOW
    assert judge(RULES, many, Trigger.PERSON) is Verdict.STOP


@pytest.mark.parametrize("trigger", Trigger)
def test_once_withdrawn_all_closes_without_another_question(trigger: Trigger) -> None:
    all_of_it = Totals(drifting=99, open=99, closes=99).with_accounts([], ["1", "2"])
    shown = {Trigger.DRY_RUN: Verdict.SHOW, Trigger.WITHDRAWAL: Verdict.SHOW}
    assert judge(RULES, all_of_it, trigger, is_withdrawn=True) is shown.get(trigger, Verdict.APPLY)
    paused = replace(RULES, paused=True)
    assert judge(paused, all_of_it, trigger, is_withdrawn=True) is shown.get(trigger, Verdict.REPORT)


@pytest.mark.parametrize("paused", [False, True])
def test_what_a_withdrawal_would_take_out_is_shown_with_the_way_to_say_yes(*, paused: bool) -> None:
    named = [Drift(subject=CARD_ARN, closes=2)]
    found = withdrawal_message(
        replace(RULES, paused=paused),
        Totals(subjects=7, drifting=3, open=9, closes=9),
        named,
        notes=[],
        failures="",
        sweep="the-id",
        state_machine="the-machine",
    )
    assert f"- {CARD_ARN}: closes 2, opens 0\n- and 2 more" in found.text
    assert '--state-machine-arn the-machine --input \'{"sweep": "the-id"}\'' in found.text
    assert ("paused" in found.text) is paused


def test_pages_add_up() -> None:
    failure = Failure(subject="s", error="E", cause="c")
    drift = Drift(subject="d", closes=2, opens=1)
    totals = Totals(subjects=1, open=1).plus(open_=5, to_close=2, drifting=[drift], failed=[failure], subjects=7)
    assert totals == Totals(subjects=8, drifting=1, failed=1, open=6, closes=2, opens=1, to_close=2)


def message(verdict: Verdict, totals: Totals, named: list[Drift], rules: Rules = RULES) -> str:
    last_notified_digest = sweep_message(
        rules,
        totals,
        verdict,
        named,
        notes=["", "What a note explains."],
        failures="1 failed",
        sweep="the-id",
        state_machine="the-machine",
    )
    return f"{last_notified_digest.subject}\n{last_notified_digest.text}"


def test_a_question_says_how_to_say_yes() -> None:
    last_notified_digest = message(
        Verdict.STOP, Totals(subjects=90, drifting=30, open=60, closes=30), [Drift(subject=CARD_ARN, closes=1)]
    )
    assert last_notified_digest.startswith("DECIDE a sweep would close 30 of 60 grants\n")
    assert f"- {CARD_ARN}: closes 1, opens 0\n- and 29 more" in last_notified_digest
    assert """--state-machine-arn the-machine --input '{"sweep": "the-id"}'""" in last_notified_digest
    assert "stops and asks again" in last_notified_digest
    assert "1 failed" in last_notified_digest


def test_a_report_says_when_it_happens_by_itself() -> None:
    last_notified_digest = message(
        Verdict.REPORT, Totals(subjects=2, drifting=1, open=1, opens=1), [Drift(subject=CARD_ARN, opens=1)]
    )
    assert "DRIFT a sweep would close 0 and open 1 grants" in last_notified_digest
    assert "1 subject isn't as the rules say" in last_notified_digest
    assert "The next sweep on schedule does the same" in last_notified_digest


def test_a_sweep_that_goes_on_asks_nothing() -> None:
    assert "Nothing was changed" not in message(Verdict.APPLY, Totals(drifting=1), [])


def test_failures_are_named_up_to_a_limit() -> None:
    failed = [Failure(subject=CARD_ARN, error="RefusedError", cause="no")]
    assert failures_message(Totals(subjects=5), []) == ""
    assert failures_message(Totals(subjects=5, failed=3), failed).splitlines() == [
        "3 of 5 subjects could not be looked at, or not in every place:",
        f"- {CARD_ARN}: RefusedError: no",
        "- and 2 more",
    ]


@pytest.mark.parametrize("trigger", [Trigger.SCHEDULE, Trigger.PERSON, Trigger.DEPLOYMENT])
def test_while_paused_what_drifts_is_reported_and_nothing_starts(trigger: Trigger) -> None:
    assert judge(some_rules(paused=True), Totals(drifting=1), trigger) is Verdict.REPORT
    last_notified_digest = message(Verdict.REPORT, Totals(drifting=1), [], some_rules(paused=True))
    assert "Nothing is changed while governance.toml says paused" in last_notified_digest


def test_how_something_is_counted_is_explained() -> None:
    said = message(Verdict.APPLY, Totals(drifting=1, closes=1), [Drift(subject="guardrail/canvas", closes=1)])
    assert "closes 1 of 0 open grants and opens 0.\nWhat a note explains.\n\n- guardrail/canvas: " in said
