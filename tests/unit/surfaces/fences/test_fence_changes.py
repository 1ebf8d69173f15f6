"""What a fence covers, its document, and what becomes of it; only the very document that we write is one."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from stagegate.core.errors import RefusedError
from stagegate.iam.documents import canonical, canonical_text
from stagegate.plans.grants import View
from stagegate.rules.audiences import Audience, AudienceStage
from stagegate.rules.fence_kind import FenceKind
from stagegate.rules.model import Rules, Stage
from stagegate.rules.narrowed import covers
from stagegate.rules.narrowed.covers import Cover
from stagegate.surfaces.fences import model
from stagegate.surfaces.fences.changes import FenceChanges, fence_changes, fence_warnings, that_can_be_fenced
from stagegate.surfaces.fences.model import (
    EXCEPTED,
    AllowWrites,
    DenyWrites,
    Fence,
    ObservedFence,
    accounts_by_cover,
    accounts_to_fence,
    document_of,
    excepted_cards,
    fence_of,
    unsettled,
)
from stagegate.targets.fences import fence_target
from tests.support.builders import (
    APPROVED,
    CARD_ARN,
    DEV,
    DRAFT,
    EVERY_CARD,
    GOVERNANCE,
    PENDING,
    PROD,
    PROD_APPROVERS,
    TEST,
    a_fence,
    a_grant,
    a_stage,
    entitled_to,
    reads,
    some_rules,
    writes,
)

OTHER_CARD = CARD_ARN.replace("churn", "fraud")
ALL_SCP = Fence(account=PROD, kind=FenceKind.SCP)
ALL_BOUNDARY = Fence(account=PROD, kind=FenceKind.BOUNDARY, roles=("Reader",))
MIXED_SCP = replace(ALL_SCP, covers=Cover.OTHERS)
MIXED_BOUNDARY = replace(ALL_BOUNDARY, covers=Cover.OTHERS)
NO_SCP, NO_BOUNDARY = replace(ALL_SCP, covers=Cover.NONE), replace(ALL_BOUNDARY, covers=Cover.NONE)
EVERY_FENCE = [ALL_SCP, ALL_BOUNDARY, MIXED_SCP, MIXED_BOUNDARY]
SHARED = (a_stage("dev", DEV), a_stage("test", DEV, PROD))
MIXED_OPENS = {DRAFT: (writes("dev"),), PENDING: (reads("dev"),), APPROVED: (reads("dev"), reads("prod"))}


def rules_for(fence: FenceKind = FenceKind.SCP, **more: Any) -> Rules:
    """Dev is mixed, prod reads, test writes."""
    stages = [a_stage(name, account, fence=fence) for name, account in (("dev", DEV), ("test", TEST), ("prod", PROD))]
    opens = {**MIXED_OPENS, DRAFT: (writes("dev"), writes("test"))}
    return some_rules(**{"stages": stages, "opens": opens, "approvers": (), **more})


def document(fence: Fence, *excepted: str) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(document_of(fence, excepted, partition="aws", governance_account=GOVERNANCE))
    return made


class TestTheFenceOfAnAccount:
    def test_covers_every_card_where_no_status_lets_it_write(self) -> None:
        assert fence_of(some_rules(), PROD) == ALL_SCP

    def test_covers_none_where_it_writes_whatever_it_sees(self) -> None:
        assert fence_of(some_rules(), DEV) == Fence(account=DEV, kind=FenceKind.SCP, covers=Cover.NONE)

    def test_covers_the_others_where_it_writes_some_and_only_reads_others(self) -> None:
        rules = rules_for()
        assert {account: fence_of(rules, account).covers for account in (DEV, TEST, PROD)} == {
            DEV: Cover.OTHERS,
            TEST: Cover.NONE,
            PROD: Cover.ALL,
        }
        assert accounts_by_cover(rules, Cover.OTHERS, Cover.NONE) == (DEV, TEST)

    def test_covers_every_stage_in_the_account(self) -> None:
        stages = (
            a_stage("dev", DEV, fence=FenceKind.BOUNDARY, roles=["Writer", "Both"]),
            a_stage("test", DEV, fence=FenceKind.BOUNDARY, roles=["Both", "Reader"]),
        )
        opens = {DRAFT: (writes("dev"),), APPROVED: (reads("test"),)}
        fence = fence_of(some_rules(stages=stages, opens=opens, approvers=()), DEV)
        assert fence == Fence(
            account=DEV, kind=FenceKind.BOUNDARY, roles=("Both", "Reader", "Writer"), covers=Cover.OTHERS
        )

    @pytest.mark.parametrize(("approvers", "covers"), [((), Cover.NONE), (PROD_APPROVERS, Cover.OTHERS)])
    def test_goes_by_what_a_stage_may_write_only_if_nobody_can_keep_it_out(
        self, approvers: tuple[Any, ...], covers: Cover
    ) -> None:
        """Test reads what prod, in the same account, may write once it is approved."""
        stages = (a_stage("test", PROD), a_stage("prod", PROD))
        rules = some_rules(stages=stages, opens={APPROVED: (reads("test"), writes("prod"))}, approvers=approvers)
        assert fence_of(rules, PROD).covers is covers

    def test_is_the_wider_one_where_two_stages_differ(self) -> None:
        stages = (a_stage("dev", DEV, fence=FenceKind.BOUNDARY), a_stage("test", DEV))
        assert fence_of(some_rules(stages=stages, opens={}, approvers=()), DEV) == Fence(
            account=DEV, kind=FenceKind.SCP
        )

    def test_is_never_a_policy_outside_an_organization(self) -> None:
        """A stage that only writes needn't name a boundary; one in the same account that reads has to."""
        stages = (a_stage("dev", DEV, roles=["Writer"]), a_stage("test", DEV, fence=FenceKind.BOUNDARY))
        opens = {DRAFT: (writes("dev"),), APPROVED: (reads("test"),)}
        rules = some_rules(stages=stages, opens=opens, approvers=(), organization=None)
        assert fence_of(rules, DEV) == Fence(
            account=DEV, kind=FenceKind.BOUNDARY, roles=("Reader", "Writer"), covers=Cover.OTHERS
        )
        assert accounts_by_cover(rules, *Cover) == (DEV,)
        assert accounts_by_cover(some_rules(organization=None), *Cover) == ()


@pytest.mark.parametrize(
    ("accesses", "expected"),
    [
        ((), ()),
        ((reads("dev"),), (DEV,)),
        ((writes("dev"),), ()),
        ((reads("test"),), (DEV, PROD)),
        # Access is the union of an account's stages: a writer next door leaves nothing to fence.
        ((writes("dev"), reads("test")), (PROD,)),
        ((reads("dev"), writes("test")), ()),
    ],
)
def test_an_account_is_fenced_where_somebody_sees_the_card_and_nobody_may_write_it(
    accesses: tuple[Any, ...], expected: tuple[str, ...]
) -> None:
    assert accounts_to_fence(some_rules(stages=SHARED, approvers=()), entitled_to(*accesses).entitlements) == expected


class TestTheDocument:
    @pytest.mark.parametrize("fence", [ALL_SCP, MIXED_SCP], ids=str)
    def test_denies_the_one_write_on_every_card_of_ours(self, fence: Fence) -> None:
        assert document(fence) == {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Sid": "StagegateReadOnlyCards",
                    "Effect": "Deny",
                    "Action": ["sagemaker:UpdateModelCard"],
                    "Resource": [EVERY_CARD],
                }
            ],
        }

    def test_denies_it_on_every_card_but_those_that_may_be_written_and_the_accounts_own(self) -> None:
        (deny,) = document(MIXED_SCP, CARD_ARN)["Statement"]
        assert deny == {
            "Sid": "StagegateReadOnlyCards",
            "Effect": "Deny",
            "Action": ["sagemaker:UpdateModelCard"],
            "NotResource": [f"arn:aws:sagemaker:*:{PROD}:model-card/*", CARD_ARN],
            "Condition": {"StringEqualsIfExists": {"aws:ResourceAccount": GOVERNANCE}},
        }

    @pytest.mark.parametrize("excepted", [(), (CARD_ARN,)])
    def test_of_a_boundary_takes_away_from_everything(self, excepted: tuple[str, ...]) -> None:
        allow, deny = document(MIXED_BOUNDARY, *excepted)["Statement"]
        assert allow == {"Sid": "StagegateBoundary", "Effect": "Allow", "Action": "*", "Resource": "*"}
        assert deny == document(MIXED_SCP, *excepted)["Statement"][0]

    def test_names_the_cards_in_one_order(self) -> None:
        assert document(MIXED_SCP, CARD_ARN, OTHER_CARD) == document(MIXED_SCP, OTHER_CARD, CARD_ARN)

    def test_denies_nothing_where_no_card_is_covered(self) -> None:
        assert [s["Effect"] for s in document(NO_BOUNDARY, CARD_ARN)["Statement"]] == ["Allow"]

    @pytest.mark.parametrize("fence", [MIXED_SCP, MIXED_BOUNDARY], ids=str)
    @pytest.mark.parametrize("cards", [frozenset(), frozenset({CARD_ARN}), frozenset({CARD_ARN, OTHER_CARD})])
    def test_is_read_back_as_it_was_written(self, fence: Fence, cards: frozenset[str]) -> None:
        text = document_of(fence, cards, partition="aws", governance_account=GOVERNANCE)
        for stored in (text, json.dumps(json.loads(text), indent=4)):
            assert excepted_cards(fence, stored, partition="aws", governance_account=GOVERNANCE) == cards


def changes(
    *accesses: Any,
    observed: Mapping[str, ObservedFence],
    note: str | None = None,
    fence: FenceKind = FenceKind.SCP,
    rules: Rules | None = None,
) -> FenceChanges:
    """What becomes of the fences, given the card's note about the one observed."""
    return fence_changes(
        rules or rules_for(fence),
        CARD_ARN,
        entitled_to(*accesses).entitlements,
        observed,
        View(written={} if note is None else {fence_target(account): note for account in observed}),
        governance_account=GOVERNANCE,
    )


def deny_of(document: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = document["Statement"][-1]
    return found


def rename(statement: dict[str, Any], before: str, after: str) -> None:
    if before in statement:
        statement[after] = statement.pop(before)


def named(statement: dict[str, Any]) -> list[Any]:
    found: list[Any] = statement["NotResource" if "NotResource" in statement else "Resource"]
    return found


TAMPERED: dict[str, Callable[[dict[str, Any]], object]] = {
    "allows": lambda d: deny_of(d).update(Effect="Allow"),
    "another action": lambda d: deny_of(d).update(Action=["sagemaker:DescribeModelCard"]),
    "one more action": lambda d: deny_of(d)["Action"].append("sagemaker:DeleteModelCard"),
    "no action": lambda d: deny_of(d).pop("Action"),
    "another condition": lambda d: deny_of(d).update(Condition={"StringEquals": {"aws:username": "nobody"}}),
    "everything but": lambda d: (
        rename(deny_of(d), "Resource", "NotResource")
        if "Resource" in deny_of(d)
        else rename(deny_of(d), "NotResource", "Resource")
    ),
    "every action but": lambda d: rename(deny_of(d), "Action", "NotAction"),
    "another statement": lambda d: d["Statement"].append({"Effect": "Deny", "Action": "s3:*", "Resource": "*"}),
    "the statement twice": lambda d: d["Statement"].append(deny_of(d)),
    "another Sid": lambda d: deny_of(d).update(Sid="Other"),
    "no deny": lambda d: d["Statement"].pop(),
    "no statement": lambda d: d.pop("Statement"),
    "statements of no kind": lambda d: d.update(Statement=["Deny"]),
    "another version": lambda d: d.update(Version="2008-10-17"),
    "resources of no kind": lambda d: named(deny_of(d)).append({}),
    "another account's cards": lambda d: named(deny_of(d)).append(OTHER_CARD.replace(GOVERNANCE, TEST)),
    "many cards at once": lambda d: named(deny_of(d)).append(EVERY_CARD.replace("/*", "/c*")),
    "a policy id": lambda d: d.update(Id="mine"),
}


class TestWhatStands:
    @pytest.mark.parametrize("excepted", [(), (OTHER_CARD,)])
    @pytest.mark.parametrize("kind", FenceKind)
    def test_what_we_write_does(self, kind: FenceKind, excepted: tuple[str, ...]) -> None:
        rules = rules_for(kind)
        observed = {DEV: a_fence(fence_of(rules, DEV), *excepted), PROD: a_fence(fence_of(rules, PROD))}
        assert changes(reads("dev"), reads("prod"), observed=observed, fence=kind) == FenceChanges()

    @pytest.mark.parametrize("kind", FenceKind)
    @pytest.mark.parametrize("tampering", TAMPERED)
    @pytest.mark.parametrize(("stage", "excepted"), [("prod", ()), ("dev", ()), ("dev", (OTHER_CARD,))])
    def test_a_document_that_somebody_changed_doesnt(
        self, kind: FenceKind, tampering: str, stage: str, excepted: tuple[str, ...]
    ) -> None:
        fence = fence_of(rules_for(kind), {"dev": DEV, "prod": PROD}[stage])
        seen = a_fence(fence, *excepted)
        changed = json.loads(seen.document or "")
        TAMPERED[tampering](changed)
        observed = {fence.account: replace(seen, document=json.dumps(changed))}
        raised = DenyWrites(card_arn=CARD_ARN, fence=fence, policy="p-12345678")
        assert changes(reads(stage), observed=observed, fence=kind).first == (raised,)

    def test_one_that_covers_other_resources_doesnt(self) -> None:
        seen = a_fence(ALL_SCP)
        narrowed = (seen.document or "").replace("model-card/*", "model-card/other-*")
        assert narrowed != seen.document
        assert changes(reads("prod"), observed={PROD: replace(seen, document=narrowed)}).first

    @pytest.mark.parametrize("document", [None, "", "{", "[]", "null", "3"])
    def test_no_document_doesnt(self, document: str | None) -> None:
        observed = {PROD: ObservedFence(account=PROD, document=document)}
        assert changes(reads("prod"), observed=observed).first == (DenyWrites(card_arn=CARD_ARN, fence=ALL_SCP),)

    def test_one_that_isnt_in_force_for_a_role_doesnt(self) -> None:
        observed = {PROD: replace(a_fence(ALL_BOUNDARY), uncovered=("Reader",))}
        assert changes(reads("prod"), observed=observed, fence=FenceKind.BOUNDARY).first

    def test_one_of_the_other_kind_doesnt(self) -> None:
        assert changes(reads("prod"), observed={PROD: a_fence(ALL_BOUNDARY)}).first
        assert changes(reads("prod"), observed={PROD: a_fence(ALL_SCP)}, fence=FenceKind.BOUNDARY).first

    def test_order_and_white_space_say_nothing(self) -> None:
        dev = fence_of(rules_for(), DEV)
        seen = a_fence(dev, OTHER_CARD, f"{OTHER_CARD}-2")
        turned = json.loads(seen.document or "")
        named(deny_of(turned)).reverse()
        observed = {DEV: replace(seen, document=json.dumps(turned, indent=2))}
        assert changes(reads("dev"), observed=observed) == FenceChanges()


class TestAMixedAccount:
    dev = Fence(account=DEV, kind=FenceKind.SCP, covers=Cover.OTHERS)
    raised = DenyWrites(card_arn=CARD_ARN, fence=dev, policy="p-12345678")
    lowered = AllowWrites(card_arn=CARD_ARN, fence=dev, policy="p-12345678")

    def test_is_fenced_for_a_card_that_it_may_only_read(self) -> None:
        observed = {DEV: a_fence(self.dev, CARD_ARN, OTHER_CARD)}
        assert changes(reads("dev"), observed=observed, note=EXCEPTED) == FenceChanges(
            closes=(replace(self.raised, noted=True, closes=True),)
        )

    @pytest.mark.parametrize("note", [EXCEPTED, ""])
    def test_is_fenced_again_when_the_document_is_right_and_the_record_may_not_be(self, note: str) -> None:
        """A run died after it had recorded that the card may be written: the next writer would carry that out."""
        observed = {DEV: a_fence(self.dev, OTHER_CARD)}
        assert changes(reads("dev"), observed=observed, note=note).closes == (
            replace(self.raised, noted=True, closes=True),
        )

    def test_has_a_card_excepted_that_it_may_write(self) -> None:
        for excepted, note in (((), None), ((OTHER_CARD,), None), ((CARD_ARN,), None)):
            observed = {DEV: a_fence(self.dev, *excepted)}
            assert changes(writes("dev"), observed=observed, note=note) == FenceChanges(last=(self.lowered,))
        observed = {DEV: a_fence(self.dev, CARD_ARN)}
        assert changes(writes("dev"), observed=observed, note="").last == (replace(self.lowered, noted=True),)
        assert changes(writes("dev"), observed=observed, note=EXCEPTED) == FenceChanges()

    def test_has_a_card_excepted_before_there_is_a_fence(self) -> None:
        """The first card that may only be read raises it, and the other one is on it then."""
        lowered = replace(self.lowered, policy=None)
        assert changes(writes("dev"), observed={DEV: ObservedFence(account=DEV)}).last == (lowered,)

    def test_comes_behind_the_fence_for_a_card_that_it_sees_no_more(self) -> None:
        observed = {DEV: a_fence(self.dev, CARD_ARN, OTHER_CARD)}
        for note in (EXCEPTED, ""):
            raised = replace(self.raised, noted=True, closes=True)
            assert changes(reads("prod"), observed=observed, note=note) == FenceChanges(closes=(raised,))
        assert changes(observed=observed) == FenceChanges(closes=(replace(self.raised, closes=True),))

    def test_comes_behind_it_without_a_word_about_its_roles(self) -> None:
        """One of them may be gone, which mustn't keep the card from closing."""
        boundary = fence_of(rules_for(FenceKind.BOUNDARY), DEV)
        observed = {DEV: replace(a_fence(boundary, CARD_ARN), uncovered=("Reader",))}
        (raised,) = changes(observed=observed, note=EXCEPTED, fence=FenceKind.BOUNDARY).closes
        assert raised.fence == replace(boundary, roles=())

    def test_is_left_alone_for_a_card_that_it_never_saw(self) -> None:
        boundary = fence_of(rules_for(FenceKind.BOUNDARY), DEV)
        bare = a_fence(replace(boundary, covers=Cover.NONE))
        assert changes(observed={DEV: bare}, fence=FenceKind.BOUNDARY) == FenceChanges()
        assert changes(observed={DEV: ObservedFence(account=DEV)}) == FenceChanges()
        assert changes(observed={DEV: a_fence(self.dev, OTHER_CARD)}) == FenceChanges()

    def test_keeps_every_card_fenced_that_it_could_only_read_before_the_rules_let_it_write_some(self) -> None:
        before = a_fence(replace(self.dev, covers=Cover.ALL))
        assert changes(reads("dev"), observed={DEV: before}) == FenceChanges()
        assert changes(writes("dev"), observed={DEV: before}) == FenceChanges(last=(self.lowered,))


class TestAnAccountThatOnlyReads:
    raised = DenyWrites(card_arn=CARD_ARN, fence=ALL_SCP, policy="p-12345678")

    def test_gets_its_fence_over_every_card_back_when_it_excepted_some(self) -> None:
        observed = {PROD: a_fence(MIXED_SCP, OTHER_CARD)}
        assert changes(reads("prod"), observed=observed) == FenceChanges(first=(self.raised,))

    def test_has_what_was_noted_of_the_card_taken_back(self) -> None:
        raised = replace(self.raised, noted=True, closes=True)
        assert changes(reads("prod"), observed={PROD: a_fence(ALL_SCP)}, note=EXCEPTED).closes == (raised,)
        assert changes(observed={PROD: a_fence(ALL_SCP)}, note="").closes == (raised,)

    def test_keeps_its_fence_for_a_card_that_it_sees_no_more(self) -> None:
        assert changes(observed={PROD: a_fence(ALL_SCP)}) == FenceChanges()


class TestAnAccountThatOnlyWrites:
    none = Fence(account=TEST, kind=FenceKind.SCP, covers=Cover.NONE)

    @pytest.mark.parametrize("before", [Cover.ALL, Cover.OTHERS])
    @pytest.mark.parametrize("accesses", [(), (writes("test"),)])
    def test_loses_a_fence_that_other_rules_asked_for(self, before: Cover, accesses: tuple[Any, ...]) -> None:
        observed = {TEST: a_fence(replace(self.none, covers=before), OTHER_CARD)}
        lowered = AllowWrites(card_arn=CARD_ARN, fence=self.none, policy="p-12345678")
        assert changes(*accesses, observed=observed) == FenceChanges(last=(lowered,))

    def test_has_what_was_noted_of_the_card_taken_back(self) -> None:
        (lowered,) = changes(writes("test"), observed={TEST: ObservedFence(account=TEST)}, note=EXCEPTED).last
        assert lowered == AllowWrites(card_arn=CARD_ARN, fence=self.none, noted=True)

    def test_needs_none(self) -> None:
        assert changes(writes("test"), observed={TEST: ObservedFence(account=TEST)}) == FenceChanges()
        boundary = fence_of(rules_for(FenceKind.BOUNDARY), TEST)
        assert changes(writes("test"), observed={TEST: a_fence(boundary)}, fence=FenceKind.BOUNDARY) == FenceChanges()


@pytest.mark.parametrize(
    ("access", "written", "expected"),
    [
        ({}, {}, frozenset()),
        ({DEV: False, TEST: True, PROD: False}, {}, frozenset()),
        ({DEV: True}, {}, {DEV}),
        ({DEV: True}, {fence_target(DEV): ""}, {DEV}),
        ({DEV: True}, {fence_target(DEV): EXCEPTED}, frozenset()),
        ({DEV: False}, {fence_target(DEV): EXCEPTED}, {DEV}),
        ({}, {fence_target(DEV): "", fence_target(PROD): EXCEPTED}, {DEV, PROD}),
        ({TEST: True}, {fence_target(TEST): EXCEPTED}, {TEST}),
        # An account that no stage has is nobody's to write, and a package's targets say nothing of fences.
        ({}, {fence_target("999988887777"): EXCEPTED, "bucket-policy/1/us-east-1/b": ""}, frozenset()),
    ],
)
def test_a_note_says_what_it_should_or_is_unsettled(
    access: Mapping[str, bool], written: Mapping[str, str], expected: frozenset[str]
) -> None:
    assert unsettled(rules_for(), access, written) == expected


def test_what_fences_cover_is_found_once_for_rules_that_say_the_same_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """A card's plan asks several times, and there may be 300 accounts of 50 audiences."""
    gone_through = []

    def by_account(rules: Rules) -> dict[str, list[list[Stage]]]:
        gone_through.append(rules)
        return covers.by_account(rules)

    monkeypatch.setattr(model, "by_account", by_account)
    rules = replace(rules_for(), stages=(*rules_for().stages, a_stage("only here", "123123123123")))
    first = accounts_by_cover(rules, Cover.ALL)
    assert accounts_by_cover(replace(rules, paused=True), Cover.ALL) == first
    assert unsettled(rules, {DEV: True}, {}) == {DEV}
    assert len(gone_through) == 1
    writing = {**rules.cards.status, APPROVED: replace(rules.cards.status[APPROVED], opens=(writes("only here"),))}
    other = replace(rules, cards=replace(rules.cards, status=writing))
    assert accounts_by_cover(other, Cover.ALL) != first


def test_a_boundary_says_whom_it_covers_and_a_policy_has_nothing_to_say() -> None:
    stages = (a_stage("dev", DEV), a_stage("prod", PROD, fence=FenceKind.BOUNDARY, roles=["Reader", "Reporter"]))
    rules = some_rules(stages=stages, opens={APPROVED: (reads("dev"), reads("prod"))})
    (warning,) = fence_warnings(rules, entitled_to(reads("dev"), reads("prod")).entitlements)
    assert (warning.code, warning.severity.value) == ("FenceCoversRoles", "warn")
    assert f"In {PROD} only Reader, Reporter are kept" in warning.detail
    assert fence_warnings(rules, entitled_to(reads("dev")).entitlements) == ()


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ('{"b": ["y", "x"], "a": 1}', '{"a":1,"b":["x","y"]}', True),
        ('{"a": {"c": ["2", "1"]}}', '{"a": {"c": ["1", "2"]}}', True),
        # Objects in a list have an order of their own; only lists of strings are sets to AWS.
        ('{"a": [{"x": 1}, {"y": 2}]}', '{"a": [{"y": 2}, {"x": 1}]}', False),
        ('{"a": ["x"]}', '{"a": "x"}', False),
        ('{"a": ["x", "x"]}', '{"a": ["x"]}', False),
    ],
)
def test_two_documents_are_the_same_when_only_what_says_nothing_differs(one: str, other: str, *, same: bool) -> None:
    assert (canonical_text(one) == canonical_text(other)) is same


def test_a_canonical_document_is_minified() -> None:
    assert canonical({"b": "é", "a": ["2", "1"]}) == '{"a":["1","2"],"b":"é"}'
    with pytest.raises(ValueError, match="Expecting"):
        canonical_text("{")


class TestAFenceThatNobodyCouldLookAt:
    entitled = entitled_to(reads("test"), reads("prod"))
    fences: Mapping[str, ObservedFence] = {
        PROD: ObservedFence(account=PROD, unseen=RefusedError("AccessDenied")),
        TEST: ObservedFence(account=TEST),
    }

    def test_lets_nothing_open_behind_it(self) -> None:
        kept, _ = that_can_be_fenced(rules_for(), self.entitled, self.fences, View())
        assert [e.stage for e in kept] == ["test"]

    def test_keeps_open_what_is(self) -> None:
        view = View(grants=(a_grant("prod", PROD),))
        kept, _ = that_can_be_fenced(rules_for(), self.entitled, self.fences, view)
        assert [e.stage for e in kept] == ["test", "prod"]

    def test_closes_what_is_behind_it_once_that_was_so_for_too_long(self) -> None:
        view = View(grants=(a_grant("prod", PROD),))
        kept, _ = that_can_be_fenced(rules_for(), self.entitled, self.fences, view, {fence_target(PROD)})
        assert [e.stage for e in kept] == ["test"]


def test_an_account_of_two_audiences_is_fenced_for_the_one_that_may_only_read() -> None:
    """As one audience's dev it writes, as the other's prod it reads: no card comes into it by both."""

    def an_audience(name: str, dev: str, prod: str) -> Audience:
        places = (AudienceStage(stage="dev", accounts=(dev,)), AudienceStage(stage="prod", accounts=(prod,)))
        return Audience(name=name, cards=(f"{name}-*",), stages=places)

    whole = some_rules(
        stages=[a_stage("dev", DEV), a_stage("prod", PROD)],
        opens={DRAFT: (writes("dev"),), APPROVED: (writes("dev"), reads("prod"))},
    )
    alike = replace(whole, stages=(whole.stages[0], replace(whole.stages[1], accounts=(DEV,))))
    assert fence_of(alike, DEV).covers is Cover.NONE, "where one card comes in by both, it may be written"
    apart = replace(whole, audiences=(an_audience("a", dev=DEV, prod=TEST), an_audience("b", dev=PROD, prod=DEV)))
    assert fence_of(apart, DEV).covers is Cover.OTHERS
    assert fence_of(apart, TEST).covers is Cover.ALL
    assert fence_of(apart, PROD).covers is Cover.NONE
