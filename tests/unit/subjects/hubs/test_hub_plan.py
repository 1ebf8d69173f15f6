"""The plan for a hub: what closes, what goes, what comes, what opens; or why nothing does."""

import json
from dataclasses import replace
from typing import Any, ClassVar

import pytest

from stagegate.aws.json import to_json
from stagegate.core.findings import Severity
from stagegate.core.messages.mail import Message
from stagegate.plans.grants import GrantCounts, View
from stagegate.plans.messages import message_of
from stagegate.plans.plan import Plan
from stagegate.plans.record import Outcome
from stagegate.plans.wording import Planned
from stagegate.rules.hubs import HUB_PERMISSIONS, Doubtful, HubAccess, HubRules, HubShare, HubState, Stay, StayType
from stagegate.rules.names import hub_subjects
from stagegate.subjects.hubs.curate import Curated, Remark
from stagegate.subjects.hubs.decide import (
    absent_plan,
    floors_digest,
    hub_plan,
    unknown_hub,
    unread_plan,
)
from stagegate.subjects.hubs.messages import wording
from stagegate.subjects.hubs.model import Observed, ObservedPublicHub, Sharing
from stagegate.subjects.hubs.record import models_in
from stagegate.subjects.registry import SUBJECTS
from stagegate.surfaces.hub_contents import changes as hubs
from stagegate.surfaces.hub_contents.changes import (
    Content,
    Done,
    Floor,
    MakeHub,
    ObservedHub,
    OwnContent,
    RemoveContents,
    RemoveHub,
    RemoveOwn,
    SetReferences,
)
from stagegate.surfaces.shares.changes import CloseShare, ObservedShares, OpenShare
from stagegate.surfaces.wire import change_to_json
from stagegate.targets.hub_content import HubContent
from tests.support.builders import DEV, GOVERNANCE, NOON, a_basis, a_share
from tests.support.hubs import HUB_ARN, a_hub, a_reference, hub_rules, rules_with, the_hub_subject
from tests.support.packages import PACKAGE_ARN

USE = HUB_PERMISSIONS[HubAccess.USE]
SHARED = hub_rules(shares=[HubShare(stage="dev")])
OPEN = OpenShare(subject_arn=HUB_ARN, stage="dev", accounts=(DEV,), permission=USE, external=False)
CLOSE = CloseShare(stage="prod", share_arn="arn:aws:ram:us-east-1:111122223333:resource-share/1", subject_arn=HUB_ARN)


def public(
    *names: str, also: tuple[str, ...] = (), arrived: dict[str, tuple[str, str]] | None = None
) -> ObservedPublicHub:
    """The rules let these models in; the public hub has others, too."""
    curated = Curated(models=dict.fromkeys(names), remarks={}, missing={})
    return ObservedPublicHub(curated=curated, names=frozenset({*names, *also}), arrived=arrived or {})


def the_plan(
    seen: ObservedPublicHub,
    observed: ObservedHub | None,
    hub: HubRules | None = None,
    *,
    sharing: Sharing | None = None,
    view: View | None = None,
    paused: bool = False,
    seconds: float = 0,
    **more: Any,
) -> Plan:
    entry = hub or hub_rules()
    sharing = sharing or Sharing(seen=ObservedShares(shares=()))
    rules = rules_with(entry, paused=paused)
    basis = a_basis(rules, view, subject=the_hub_subject(), seconds=seconds)
    return hub_plan(basis, Observed(entry=entry, hub=observed, sharing=sharing, **more), seen)


def a_message(plan: Plan) -> Message:
    return message_of(Planned(plan=plan, wording=wording(plan.decision)), SUBJECTS["hub"].can)


def codes(plan: Plan) -> list[str]:
    return [finding.code for finding in plan.record.findings]


def test_a_missing_hub_is_made_then_filled_then_shared_and_what_closes_comes_first() -> None:
    sharing = Sharing(seen=ObservedShares(shares=()), closes=(CLOSE,), opens=(OPEN,), offered=frozenset({USE}))
    plan = the_plan(public("a-b-c", "a-b-d"), None, SHARED, sharing=sharing)
    assert plan.changes == (
        CLOSE,
        MakeHub(hub_arn=HUB_ARN, description="Looked at"),
        SetReferences(hub_arn=HUB_ARN, add=(Floor(minimum=None, names=("a-b-c", "a-b-d")),)),
        OPEN,
    )
    assert (plan.outcome, plan.record.status) == (Outcome.CHANGES, "Present")


def test_a_hub_that_is_as_it_should_be_is_unchanged() -> None:
    plan = the_plan(public("a-b-c"), a_hub("a-b-c"), view=View(planner_state={"seen": NOON.isoformat(), "floors": "x"}))
    assert (plan.outcome, plan.changes, plan.report, plan.record.findings) == (Outcome.UNCHANGED, (), False, ())


@pytest.mark.parametrize("status", ["Importing", "PendingImport"])
def test_a_reference_that_is_on_its_way_in_is_there(status: str) -> None:
    assert the_plan(public("a-b-c"), a_hub(a_reference("a-b-c", status=status))).changes == ()


@pytest.mark.parametrize("status", ["Deleting", "PendingDelete"])
def test_a_reference_that_is_on_its_way_out_is_made_again_if_it_is_wanted_and_else_left(status: str) -> None:
    leaving = a_hub(a_reference("a-b-c", status=status))
    assert the_plan(public(also=("a-b-c",)), leaving).changes == ()
    (change,) = the_plan(public("a-b-c"), leaving).changes
    assert change == SetReferences(hub_arn=HUB_ARN, add=(Floor(minimum=None, names=("a-b-c",)),))


@pytest.mark.parametrize(
    "broken", [a_reference("a-b-c", status="ImportFailed"), a_reference("a-b-c", target=hubs.public_arn(HUB_ARN, "x"))]
)
def test_a_reference_that_failed_or_stands_for_another_model_is_made_again(broken: hubs.Reference) -> None:
    plan = the_plan(public("a-b-c"), a_hub(broken))
    assert plan.changes == (
        SetReferences(hub_arn=HUB_ARN, remove=("a-b-c",)),
        SetReferences(hub_arn=HUB_ARN, add=(Floor(minimum=None, names=("a-b-c",)),)),
    )
    assert codes(plan) == []


def test_minimums_are_compared_where_they_were_read() -> None:
    curated = Curated(models={"a-b-c": "1.2.0", "a-b-d": None, "a-b-e": "2.0.0"}, remarks={}, missing={})
    seen = ObservedPublicHub(curated=curated, names=frozenset(curated.models))
    found = a_hub(a_reference("a-b-c", minimum="1.0.0"), a_reference("a-b-d", minimum="1.5.0"), a_reference("a-b-e"))
    (change,) = the_plan(seen, found).changes
    assert isinstance(change, SetReferences)
    assert change.change == (Floor(minimum="1.2.0", names=("a-b-c",)), Floor(minimum=None, names=("a-b-d",)))


class TestRemovingMuch:
    HELD = a_hub("a-b-1", "a-b-2", "a-b-3", "a-b-4", "a-b-5")

    def test_up_to_the_share_goes_by_itself(self) -> None:
        plan = the_plan(public("a-b-1", "a-b-2", "a-b-3", "a-b-4"), self.HELD)
        assert plan.changes == (SetReferences(hub_arn=HUB_ARN, remove=("a-b-5",)),)

    def test_more_stops_and_asks_and_leaves_all_references_alone(self) -> None:
        sharing = Sharing(seen=ObservedShares(shares=()), closes=(CLOSE,))
        plan = the_plan(public("a-b-1", "a-b-2", "a-b-3", "a-b-9"), self.HELD, sharing=sharing)
        assert plan.changes == (CLOSE,), "who is out is out all the same"
        assert plan.record.content_hash is None
        (finding, gone) = plan.record.findings
        assert (finding.code, finding.severity, gone.code) == ("TooManyRemovals", Severity.BLOCK, "ModelGone")
        assert "2 of the hub's 5 models" in finding.detail
        assert '"force": true' in finding.detail

    def test_is_done_if_somebody_says_so(self) -> None:
        plan = the_plan(public("a-b-1"), self.HELD, force=True)
        assert plan.changes == (SetReferences(hub_arn=HUB_ARN, remove=("a-b-2", "a-b-3", "a-b-4", "a-b-5")),)

    def test_an_empty_public_hub_never_empties_a_private_one(self) -> None:
        assert the_plan(public(), self.HELD).outcome is Outcome.BLOCKED

    def test_what_is_made_again_is_not_removed(self) -> None:
        broken = a_hub(*(a_reference(f"a-b-{n}", target="other") for n in range(5)))
        assert "TooManyRemovals" not in codes(the_plan(public(*(f"a-b-{n}" for n in range(5))), broken))


class TestModelsThatAreGone:
    HELD = a_hub("a-b-1", "a-b-2", "a-b-3", "a-b-4", "a-b-5")
    SEEN = public("a-b-1", "a-b-2", "a-b-3", "a-b-4")

    def test_are_dropped_and_reported(self) -> None:
        plan = the_plan(self.SEEN, self.HELD)
        assert (codes(plan), len(plan.changes)) == (["ModelGone"], 1)

    def test_or_kept_and_reported(self) -> None:
        plan = the_plan(self.SEEN, self.HELD, hub_rules(gone=Doubtful.FLAG))
        assert (codes(plan), plan.changes) == (["ModelGone"], ())

    def test_are_not_those_that_the_rules_do_not_let_in(self) -> None:
        assert codes(the_plan(replace(self.SEEN, names=self.SEEN.names | {"a-b-5"}), self.HELD)) == []


class TestMoreThanOneRound:
    NAMES = tuple(f"a-b-{n:05}" for n in range(5000))

    def rounds(self) -> list[Plan]:
        """Every round's plan, each from what the one before has left."""
        made: list[Plan] = []
        there: list[str] = []
        while not made or made[-1].outcome is Outcome.MORE:
            done = Done(added=len(there))
            made.append(the_plan(public(*self.NAMES), a_hub(*there), done=done))
            there += models_in(made[-1].changes)["added"]
        return made

    def test_writes_everything_once_in_payloads_that_fit(self) -> None:
        rounds = self.rounds()
        added = [name for plan in rounds for name in models_in(plan.changes)["added"]]
        assert sorted(added) == sorted(self.NAMES)
        assert [plan.outcome for plan in rounds] == [Outcome.MORE, Outcome.MORE, Outcome.CHANGES]
        for plan in rounds:
            sizes = [len(models_in([change])["added"]) for change in plan.changes]
            assert max(sizes) <= hubs.CHUNK

    def test_is_told_in_the_last_with_what_the_earlier_ones_have_done(self) -> None:
        *earlier, last = self.rounds()
        assert all((plan.decision.drift, plan.record.last_notified_digest) == ((), "") for plan in earlier)
        assert last.decision.drift == ("earlier in this run: 4000 added, 0 changed, 0 removed",)
        assert last.report

    def test_reads_no_minimum_again_that_it_has_written(self) -> None:
        first, *_ = self.rounds()
        assert first.record.planner_state == {"floors": floors_digest(dict.fromkeys(self.NAMES))}
        raised = a_hub(*(a_reference(name, minimum="1.1.0") for name in self.NAMES))
        assert the_plan(public(*self.NAMES), raised).record.planner_state == {}, "some are still to be changed"

    def test_removes_before_it_adds_and_shares_at_the_end(self) -> None:
        sharing = Sharing(seen=ObservedShares(shares=()), closes=(CLOSE,), opens=(OPEN,), offered=frozenset({USE}))
        there = [f"x-{n}" for n in range(1500)]
        plan = the_plan(public(*self.NAMES), a_hub(*there), SHARED, sharing=sharing, force=True)
        counts = {kind: len(names) for kind, names in models_in(plan.changes).items()}
        assert (plan.outcome, counts) == (Outcome.MORE, {"removed": 1500, "changed": 0, "added": 500})
        assert plan.changes[0] == CLOSE
        assert OPEN not in plan.changes

    def test_names_of_any_length_fit_into_a_payload(self) -> None:
        names = [f"{n:05}-{'x' * 57}" for n in range(5000)]
        curated = Curated(
            models={n: f"{1 + len(n) % 2}.0.0" for n in names}, remarks={Remark.DEPRECATED: tuple(names)}, missing={}
        )
        plan = the_plan(ObservedPublicHub(curated=curated, names=frozenset(names)), a_hub())
        changes = [change_to_json(change) for change in plan.changes]
        payload = {"changes": changes, "record": to_json(plan.record), "message": a_message(plan).text}
        assert len(json.dumps(payload)) < 200_000, "Step Functions takes 256 KiB"


class TestSharing:
    def test_a_permission_that_ram_does_not_have_opens_nothing_and_says_what_there_is(self) -> None:
        sharing = Sharing(seen=ObservedShares(shares=()), opens=(OPEN,), offered=frozenset({"AWSRAMPermissionOther"}))
        plan = the_plan(public("a-b-c"), a_hub("a-b-c"), SHARED, sharing=sharing)
        assert (plan.changes, plan.record.grants, codes(plan)) == ((), (), ["PermissionMissing"])
        assert "AWSRAMPermissionOther" in plan.record.findings[0].detail

    def test_a_share_that_holds_the_hub_is_on_record_since_it_was_opened(self) -> None:
        share = a_share("dev", DEV, permission=USE)
        seen = ObservedShares(associations={share.arn: "ASSOCIATED"}, shares=(share,))
        first = the_plan(public("a-b-c"), a_hub("a-b-c"), SHARED, sharing=Sharing(seen=seen))
        (grant,) = first.record.grants
        assert (grant.stage, grant.permission, grant.share_arn, grant.since) == ("dev", USE, share.arn, NOON)
        later = the_plan(
            public("a-b-c"),
            a_hub("a-b-c"),
            SHARED,
            sharing=Sharing(seen=seen),
            view=View(grants=first.record.grants),
            seconds=86_400,
        )
        assert later.record.grants == first.record.grants

    def test_a_share_of_somebody_else_is_reported(self) -> None:
        seen = ObservedShares(associations={"arn:other": "ASSOCIATED"}, shares=())
        assert codes(the_plan(public("a-b-c"), a_hub("a-b-c"), sharing=Sharing(seen=seen))) == ["ForeignShare"]


class TestWhoseHubItIs:
    def test_one_that_we_have_not_made_is_left_alone(self) -> None:
        plan = the_plan(public("a-b-c"), a_hub("x", ours=False))
        assert (plan.outcome, plan.changes, codes(plan)) == (Outcome.BLOCKED, (), ["HubNotOurs"])

    def test_it_is_taken_over_if_the_rules_say_so(self) -> None:
        plan = the_plan(public("a-b-c"), a_hub("a-b-c", ours=False), hub_rules(adopt=True))
        assert plan.changes == (MakeHub(hub_arn=HUB_ARN, description="Looked at", adopt=True),)

    def test_one_that_the_rules_do_not_name_is_left_alone(self) -> None:
        plan = unknown_hub(a_basis(rules_with(), subject=the_hub_subject()))
        assert (plan.outcome, plan.changes, codes(plan)) == (Outcome.BLOCKED, (), ["HubNotInRules"])

    def test_other_contents_are_reported_and_kept(self) -> None:
        held = replace(a_hub("a-b-c"), others=(Content(type="Model", name="our-own"),))
        plan = the_plan(public("a-b-c"), held)
        assert (plan.changes, codes(plan)) == ((), ["ForeignContent"])

    def test_those_that_the_rules_let_stay_are_not_reported(self) -> None:
        held = replace(a_hub("a-b-c"), others=(Content(type="Notebook", name="welcome"),))
        for stays, found in (
            (Stay(type=StayType.NOTEBOOK, names=("wel*",)), []),
            (Stay(type=StayType.MODEL, names=("wel*",)), ["ForeignContent"]),
            (Stay(type=StayType.NOTEBOOK, names=("wel",)), ["ForeignContent"]),
        ):
            plan = the_plan(public("a-b-c"), held, replace(hub_rules(), stays=(stays,)))
            assert (plan.changes, codes(plan)) == ((), found), stays


class TestPackages:
    OWN = OwnContent(package=PACKAGE_ARN, wanted="as-planned")
    CONTENT = HubContent(hub="allowed-models", package=PACKAGE_ARN, group="churn", stages=("dev",), accounts=(DEV,))
    KEPT = replace(SHARED, packages=("chu*",))

    def plan(self, entry: HubRules, content: HubContent | None, **more: Any) -> Plan:
        held = replace(a_hub("a-b-c"), own=(self.OWN,))
        contents = {PACKAGE_ARN: content} if content else {}
        return the_plan(public("a-b-c"), held, entry, contents=contents, **more)

    def test_one_that_is_there_for_all_who_have_the_hub_stays(self) -> None:
        plan = self.plan(self.KEPT, self.CONTENT)
        assert (plan.changes, codes(plan)) == ((), [])

    @pytest.mark.parametrize(
        ("entry", "content"),
        [
            (KEPT, None),
            (SHARED, CONTENT),
            (KEPT, replace(CONTENT, stages=("test",))),
            (KEPT, replace(CONTENT, accounts=(GOVERNANCE,))),
            (KEPT, replace(CONTENT, audience="another")),
        ],
        ids=["nobody wants it", "the rules don't keep it", "another stage", "another account", "another audience"],
    )
    def test_another_goes_before_the_hub_opens_for_anybody(self, entry: HubRules, content: HubContent | None) -> None:
        sharing = Sharing(seen=ObservedShares(shares=()), opens=(OPEN,))
        plan = self.plan(entry, content, sharing=sharing)
        assert plan.changes == (RemoveOwn(hub_arn=HUB_ARN, contents=(self.OWN,)), OPEN)
        assert [change.closes for change in plan.changes] == [True, False]
        assert "take out 1 models of packages: churn 1.0.3" in a_message(plan).text

    def test_many_go_in_changes_of_some(self) -> None:
        own = tuple(replace(self.OWN, package=f"{PACKAGE_ARN}{n}") for n in range(hubs.OWN_CHUNK + 1))
        plan = the_plan(public("a-b-c"), replace(a_hub("a-b-c"), own=own), self.KEPT)
        assert [len(change.contents) for change in plan.changes if isinstance(change, RemoveOwn)] == [20, 1]


def test_rules_that_are_about_nothing_are_reported() -> None:
    curated = Curated(models={"a-b-c": None}, remarks={}, missing={}, unpublished=("a-b-x",), idle=("allow[1] (y-*)",))
    plan = the_plan(ObservedPublicHub(curated=curated, names=frozenset({"a-b-c"})), a_hub("a-b-c"))
    assert codes(plan) == ["ModelNotPublished", "RuleWithoutModels"]
    assert "a-b-x" in plan.record.findings[0].detail
    assert "allow[1] (y-*)" in plan.record.findings[1].detail


class TestNews:
    ARRIVED: ClassVar = {"a-b-c": ("1.0.0", "1.1.0"), "other": ("1.0.0", "2.0.0")}

    def test_a_new_version_in_the_hub_is_told_and_none_outside(self) -> None:
        plan = the_plan(public("a-b-c", also=("other",), arrived=self.ARRIVED), a_hub("a-b-c"))
        assert plan.report
        (line,) = plan.decision.drift
        assert "a-b-c 1.1.0 (before it 1.0.0)" in line
        assert line in a_message(plan).text

    def test_a_finding_is_told_once(self) -> None:
        held = replace(a_hub("a-b-c"), others=(Content(type="Model", name="our-own"),))
        first = the_plan(public("a-b-c"), held)
        assert first.report
        assert not the_plan(
            public("a-b-c"), held, view=View(last_notified_digest=first.record.last_notified_digest)
        ).report


class TestTearingDown:
    def plan(self, observed: ObservedHub | None, *, adopt: bool = False) -> Plan:
        sharing = Sharing(seen=ObservedShares(shares=()), closes=(CLOSE,))
        basis = a_basis(rules_with(hub_rules()), subject=the_hub_subject())
        return absent_plan(basis, Observed(entry=hub_rules(adopt=adopt), hub=observed, sharing=sharing))

    def test_shares_then_contents_of_every_type_then_the_hub(self) -> None:
        note = Content(type="Notebook", name="notes")
        plan = self.plan(replace(a_hub("a-b-c"), others=(note,)))
        assert plan.changes == (
            CLOSE,
            SetReferences(hub_arn=HUB_ARN, remove=("a-b-c",)),
            RemoveContents(hub_arn=HUB_ARN, contents=(note,)),
            RemoveHub(hub_arn=HUB_ARN),
        )

    def test_packages_in_it_go_also_where_the_hub_stays(self) -> None:
        own = OwnContent(package=PACKAGE_ARN, wanted="x")
        seen = replace(a_hub("a-b-c"), own=(own,))
        assert RemoveOwn(hub_arn=HUB_ARN, contents=(own,)) in self.plan(seen).changes
        basis = a_basis(rules_with(hub_rules()), subject=the_hub_subject())
        sharing = Sharing(seen=ObservedShares(shares=()))
        kept = absent_plan(basis, Observed(entry=hub_rules(), hub=seen, sharing=sharing, is_kept=True))
        assert kept.changes == (
            SetReferences(hub_arn=HUB_ARN, remove=("a-b-c",)),
            RemoveOwn(hub_arn=HUB_ARN, contents=(own,)),
        )

    def test_the_hub_goes_with_the_last_of_its_references(self) -> None:
        plan = self.plan(a_hub(*(f"a-b-{n}" for n in range(hubs.ROUND + 1))))
        assert plan.outcome is Outcome.MORE
        assert [change for change in plan.changes if not isinstance(change, SetReferences)] == [CLOSE]

    def test_one_that_is_gone_is_only_taken_out_of_its_shares(self) -> None:
        assert self.plan(None).changes == (CLOSE,)

    def test_one_that_we_have_not_made_stays_and_our_shares_of_it_close(self) -> None:
        assert self.plan(a_hub(ours=False)).changes == (CLOSE,)
        assert self.plan(a_hub(ours=False), adopt=True).changes[-1] == RemoveHub(hub_arn=HUB_ARN)


def test_paused_changes_nothing_and_remembers_no_minimums() -> None:
    plan = the_plan(public("a-b-c"), None, paused=True, view=View(planner_state={"floors": "before"}))
    assert (plan.outcome, plan.changes, plan.record.planner_state["floors"]) == (Outcome.PAUSED, (), "before")


def test_every_hub_of_the_rules_is_a_subject() -> None:
    rules = rules_with(hub_rules(), hub_rules(state=HubState.ABSENT))
    assert hub_subjects(rules, partition="aws", region="us-east-1", account=GOVERNANCE) == (HUB_ARN, HUB_ARN)


def unread(hub: HubRules, view: View, *, paused: bool = False) -> Plan:
    return unread_plan(a_basis(rules_with(hub, paused=paused), view, subject=the_hub_subject()), hub, ["a", "b"])


def test_documents_that_are_still_to_be_read_are_waited_for() -> None:
    plan = unread(SHARED, View(last_notified_digest="x", planner_state={"seen": "y"}))
    assert (plan.outcome, plan.changes, plan.report, plan.record.last_notified_digest) == (Outcome.MORE, (), True, "x")
    assert plan.record.planner_state == {"seen": "y"}


def test_which_stages_close_is_counted_without_the_documents() -> None:
    view = View(grants=the_plan(public("a-b-c"), a_hub("a-b-c"), SHARED).record.grants)
    assert unread(SHARED, view).grant_counts == GrantCounts(open=1)
    assert unread(replace(SHARED, shares=()), view).grant_counts == GrantCounts(open=1, closes=1)
    assert unread(replace(SHARED, shares=()), view, paused=True).grant_counts == GrantCounts(open=1, closes=1)


def test_a_stage_that_may_only_see_a_hub_any_longer_loses_something_and_a_model_that_goes_is_no_grant() -> None:
    view = View(grants=the_plan(public("a-b-c"), a_hub("a-b-c"), SHARED).record.grants)
    seen_only = hub_rules(shares=[HubShare(stage="dev", access=HubAccess.READ)])
    held = a_hub("a-b-c", "a-b-d", "a-b-e", "a-b-f", "a-b-g", "a-b-h")
    wanted = public("a-b-c", "a-b-d", "a-b-e", "a-b-f", "a-b-g", also=("a-b-h",))
    assert the_plan(wanted, held, seen_only, view=view).grant_counts == GrantCounts(open=1, closes=1, to_close=1)
    assert the_plan(wanted, held, SHARED, view=view).grant_counts == GrantCounts(open=1, to_close=1)
