"""What a report says, of what the ledger says."""

from dataclasses import replace

from bench.packages.desired import Sharing, desired_text
from stagegate.core.findings import blocked, warned
from stagegate.ledger import sweeps
from stagegate.ledger.survey.table import Survey
from stagegate.plans.sweep import Drift, Failure
from stagegate.report.build import PAUSED, WITHDRAWN, report_of
from stagegate.report.documents import document_sizes
from stagegate.targets.desired import desired_text_of
from stagegate.targets.target import TargetType
from tests.support.packages import PACKAGE_ARN
from tests.support.reports import ABOUT, a_record_of, a_report, rules_for


def test_what_blocks_comes_first_then_what_many_have() -> None:
    rules = rules_for(3)
    several = [
        a_record_of("churn-a", rules, findings=[warned("KeyUnusable", "one"), blocked("NoAudience", "one")]),
        a_record_of("churn-b", rules, findings=[blocked("NotAnApprover", "two")]),
        a_record_of("churn-c", rules, findings=[blocked("NotAnApprover", "three")]),
    ]
    found = a_report(0, 3, *several).findings
    assert [each.finding.code for each in found] == ["NotAnApprover", "NotAnApprover", "NoAudience", "KeyUnusable"]


def test_only_what_gives_access_is_a_model_and_findings_of_all_are_told() -> None:
    rules = rules_for(3)
    guardrail = a_record_of("x", rules, findings=[warned("OtherBoundary", "one")])
    guardrail = replace(guardrail, subject=replace(guardrail.subject, kind="guardrail"))
    report = a_report(1, 3, guardrail, replace(a_record_of("y", rules), now=None, is_behind=True))
    assert [model.record.subject.name for model in report.models] == ["churn-model-00000"]
    assert [each.finding.code for each in report.findings] == ["OtherBoundary"]
    assert [record.subject.name for record in report.behind] == ["y"]


def test_a_model_of_no_audience_is_for_nobody() -> None:
    rules = rules_for(3)
    report = a_report(1, 3, a_record_of("other", rules, number=3))
    assert [model.audience for model in report.models] == ["churn", None]
    assert all(grant.outside for grant in report.models[1].grants)


def test_paused_withdrawn_and_the_newest_sweep_are_told() -> None:
    rules = replace(rules_for(3), paused=True)
    page = sweeps.Page(
        number=1,
        drifting=(Drift(subject="a", closes=1, opens=0, asked=False),),
        failed=(Failure(subject="b", error="E", cause="c"),),
    )
    survey = Survey(subjects=(), is_withdrawn=True, last_sweep="a-sweep", sweep_pages=(page,))
    report = report_of(survey, rules, ABOUT, sid_prefix="Stagegate000000")
    assert (report.notices, report.drift) == ((PAUSED, WITHDRAWN), ("a-sweep", 2))


def test_decisions_that_wait_are_told() -> None:
    rules = rules_for(3)
    waiting = a_record_of("churn-a", rules, number=1, entries=13)
    now = replace(waiting.now, status="PendingReview") if waiting.now else None
    report = a_report(0, 3, replace(waiting, now=now, records=()))
    assert [each.record.subject.name for each in report.waiting] == ["churn-a"]


def test_policies_are_measured_and_the_fullest_comes_first() -> None:
    sharing = Sharing(accounts=4)
    texts = {}
    for number in range(6):
        change = desired_text(sharing, TargetType.BUCKET_POLICY, number)
        texts[change.subject_arn] = desired_text_of(change) or ""
    first, *_ = texts.items()
    desired = {
        "bucket-policy/111122223333/us-east-1/small": dict([first]),
        "bucket-policy/111122223333/us-east-1/large": texts,
        "bucket-policy/111122223333/us-east-1/odd": {PACKAGE_ARN: '{"statements":[{}],"uses":[]}'},
        "key-grants/111122223333/us-east-1/key": {PACKAGE_ARN: ""},
        "fence/111122223333": {PACKAGE_ARN: ""},
    }
    odd, large, small = document_sizes(desired, "aws", "Stagegate000000")
    assert (odd.size, odd.share) == (None, 1.0)
    assert large.size is not None
    assert small.size is not None
    assert (large.title, large.subjects, large.limit) == ("bucket large of 111122223333", 6, 20_480)
    assert 0 < small.size < large.size < large.limit
