"""A fence is in place before a card may only be read, and only the very document that we write is one."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from stagegate.domain.documents import canonical, canonical_text
from stagegate.domain.fences import (
    Fence,
    LowerFence,
    ObservedFence,
    RaiseFence,
    accounts_that_list,
    accounts_to_fence,
    document_of,
    fence_changes,
    fence_of,
    fence_warnings,
    listed_cards,
    stands,
)
from stagegate.domain.rules import FenceKind
from tests.support.builders import (
    APPROVED,
    CARD_ARN,
    DEV,
    DRAFT,
    EVERY_CARD,
    GOVERNANCE,
    PROD,
    TEST,
    a_fence,
    a_stage,
    entitled_to,
    reads,
    some_rules,
    writes,
)

OTHER_CARD = CARD_ARN.replace("churn", "fraud")
ALL_SCP = Fence(account=PROD, kind=FenceKind.SCP)
ALL_BOUNDARY = Fence(account=PROD, kind=FenceKind.BOUNDARY, roles=("Reader",))
LIST_SCP = replace(ALL_SCP, lists_cards=True)
LIST_BOUNDARY = replace(ALL_BOUNDARY, lists_cards=True)
EVERY_FENCE = [ALL_SCP, ALL_BOUNDARY, LIST_SCP, LIST_BOUNDARY]
NOWHERE = {account: ObservedFence(account=account) for account in (DEV, TEST, PROD)}
SHARED = (a_stage("dev", DEV), a_stage("test", DEV, PROD))


def does_stand(fence: Fence, observed: ObservedFence) -> bool:
    return stands(fence, observed, CARD_ARN, governance_account=GOVERNANCE)


class TestTheFenceOfAnAccount:
    def test_covers_every_card_where_no_status_lets_it_write(self) -> None:
        assert fence_of(some_rules(), PROD) == ALL_SCP

    def test_lists_cards_where_some_status_lets_it_write(self) -> None:
        assert fence_of(some_rules(), DEV) == Fence(account=DEV, kind=FenceKind.SCP, lists_cards=True)
        assert accounts_that_list(some_rules()) == (DEV,)

    def test_covers_every_stage_in_the_account(self) -> None:
        stages = (
            a_stage("dev", DEV, fence=FenceKind.BOUNDARY, roles=["Writer", "Both"]),
            a_stage("test", DEV, fence=FenceKind.BOUNDARY, roles=["Both", "Reader"]),
        )
        opens = {DRAFT: (writes("dev"),), APPROVED: (reads("test"),)}
        fence = fence_of(some_rules(stages=stages, opens=opens, approvers=()), DEV)
        assert fence == Fence(
            account=DEV, kind=FenceKind.BOUNDARY, roles=("Both", "Reader", "Writer"), lists_cards=True
        )

    def test_is_the_wider_one_where_two_stages_differ(self) -> None:
        stages = (a_stage("dev", DEV, fence=FenceKind.BOUNDARY), a_stage("test", DEV))
        assert fence_of(some_rules(stages=stages, opens={}, approvers=()), DEV) == Fence(
            account=DEV, kind=FenceKind.SCP
        )


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
    def test_of_a_policy_denies_the_one_write_on_every_card_of_ours(self) -> None:
        assert json.loads(document_of(ALL_SCP, (), partition="aws", governance_account=GOVERNANCE)) == {
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

    def test_of_a_boundary_takes_away_from_everything(self) -> None:
        allow, deny = json.loads(document_of(LIST_BOUNDARY, {CARD_ARN}, partition="aws", governance_account="1"))[
            "Statement"
        ]
        assert allow == {"Sid": "StagegateBoundary", "Effect": "Allow", "Action": "*", "Resource": "*"}
        assert (deny["Effect"], deny["Resource"]) == ("Deny", [CARD_ARN])

    def test_lists_the_cards_in_one_order(self) -> None:
        one = document_of(LIST_SCP, [CARD_ARN, OTHER_CARD], partition="aws", governance_account=GOVERNANCE)
        assert one == document_of(LIST_SCP, [OTHER_CARD, CARD_ARN], partition="aws", governance_account=GOVERNANCE)

    def test_denies_nothing_where_no_card_is_listed(self) -> None:
        empty = document_of(LIST_BOUNDARY, (), partition="aws", governance_account=GOVERNANCE)
        assert [s["Effect"] for s in json.loads(empty)["Statement"]] == ["Allow"]

    @pytest.mark.parametrize("fence", [LIST_SCP, LIST_BOUNDARY])
    @pytest.mark.parametrize("cards", [frozenset(), frozenset({CARD_ARN}), frozenset({CARD_ARN, OTHER_CARD})])
    def test_is_read_back_as_it_was_written(self, fence: Fence, cards: frozenset[str]) -> None:
        text = document_of(fence, cards, partition="aws", governance_account=GOVERNANCE)
        for stored in (text, json.dumps(json.loads(text), indent=4)):
            assert listed_cards(fence, stored, partition="aws", governance_account=GOVERNANCE) == cards


def deny_of(document: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = document["Statement"][-1]
    return found


TAMPERED: dict[str, Callable[[dict[str, Any]], object]] = {
    "allows": lambda d: deny_of(d).update(Effect="Allow"),
    "another action": lambda d: deny_of(d).update(Action=["sagemaker:DescribeModelCard"]),
    "one more action": lambda d: deny_of(d)["Action"].append("sagemaker:DeleteModelCard"),
    "no action": lambda d: deny_of(d).pop("Action"),
    "a condition": lambda d: deny_of(d).update(Condition={"StringEquals": {"aws:username": "nobody"}}),
    "everything but": lambda d: deny_of(d).update(NotResource=deny_of(d).pop("Resource")),
    "every action but": lambda d: deny_of(d).update(NotAction=deny_of(d).pop("Action")),
    "another statement": lambda d: d["Statement"].append({"Effect": "Deny", "Action": "s3:*", "Resource": "*"}),
    "the statement twice": lambda d: d["Statement"].append(deny_of(d)),
    "another Sid": lambda d: deny_of(d).update(Sid="Other"),
    "no deny": lambda d: d["Statement"].pop(),
    "no statement": lambda d: d.pop("Statement"),
    "statements of no kind": lambda d: d.update(Statement=["Deny"]),
    "another version": lambda d: d.update(Version="2008-10-17"),
    "resources as text": lambda d: deny_of(d).update(Resource=deny_of(d)["Resource"][0]),
    "resources of no kind": lambda d: deny_of(d).update(Resource=[{}]),
    "a policy id": lambda d: d.update(Id="mine"),
}


class TestWhatStands:
    @pytest.mark.parametrize("fence", EVERY_FENCE, ids=str)
    def test_what_we_write_does(self, fence: Fence) -> None:
        assert does_stand(fence, a_fence(fence, CARD_ARN, OTHER_CARD))

    @pytest.mark.parametrize("fence", [LIST_SCP, LIST_BOUNDARY], ids=str)
    def test_a_list_without_the_card_doesnt(self, fence: Fence) -> None:
        assert not does_stand(fence, a_fence(fence, OTHER_CARD))
        assert not does_stand(fence, a_fence(fence))

    @pytest.mark.parametrize("fence", EVERY_FENCE, ids=str)
    @pytest.mark.parametrize("tampering", TAMPERED)
    def test_a_document_that_somebody_changed_doesnt(self, fence: Fence, tampering: str) -> None:
        observed = a_fence(fence, CARD_ARN)
        document = json.loads(observed.document or "")
        TAMPERED[tampering](document)
        assert not does_stand(fence, replace(observed, document=json.dumps(document)))

    def test_one_that_covers_other_resources_doesnt(self) -> None:
        observed = a_fence(ALL_SCP)
        narrowed = (observed.document or "").replace("model-card/*", "model-card/other-*")
        assert narrowed != observed.document
        assert not does_stand(ALL_SCP, replace(observed, document=narrowed))

    @pytest.mark.parametrize("document", [None, "", "{", "[]", "null", "3"])
    def test_no_document_doesnt(self, document: str | None) -> None:
        assert not does_stand(ALL_SCP, ObservedFence(account=PROD, document=document))

    def test_one_that_isnt_in_force_for_a_role_doesnt(self) -> None:
        assert not does_stand(ALL_BOUNDARY, replace(a_fence(ALL_BOUNDARY), uncovered=("Reader",)))

    def test_one_of_the_other_kind_doesnt(self) -> None:
        assert not does_stand(ALL_SCP, a_fence(ALL_BOUNDARY))
        assert not does_stand(ALL_BOUNDARY, a_fence(ALL_SCP))

    def test_order_and_white_space_say_nothing(self) -> None:
        observed = a_fence(LIST_SCP, CARD_ARN, OTHER_CARD)
        document = json.loads(observed.document or "")
        deny_of(document)["Resource"].reverse()
        assert does_stand(LIST_SCP, replace(observed, document=json.dumps(document, indent=2)))


def changes(
    *accesses: Any, observed: dict[str, ObservedFence], fence: FenceKind = FenceKind.SCP
) -> tuple[tuple[RaiseFence, ...], tuple[LowerFence, ...]]:
    stages = (a_stage("dev", DEV, fence=fence), a_stage("test", TEST, fence=fence), a_stage("prod", PROD, fence=fence))
    return fence_changes(
        some_rules(stages=stages),
        CARD_ARN,
        entitled_to(*accesses).entitlements,
        observed,
        governance_account=GOVERNANCE,
    )


class TestChanges:
    dev = Fence(account=DEV, kind=FenceKind.SCP, lists_cards=True)

    def test_a_fence_is_raised_where_it_is_needed_and_doesnt_stand(self) -> None:
        raised = (RaiseFence(card_arn=CARD_ARN, fence=ALL_SCP),)
        assert changes(writes("dev"), reads("prod"), observed=NOWHERE) == (raised, ())

    def test_one_that_stands_is_left_alone(self) -> None:
        assert changes(reads("prod"), observed={PROD: a_fence(ALL_SCP)}) == ((), ())

    def test_one_that_covers_every_card_isnt_replaced_by_a_list_when_the_rules_give_write_access(self) -> None:
        before = a_fence(replace(self.dev, lists_cards=False))
        assert changes(reads("dev"), observed={DEV: before}) == ((), ())
        assert changes(writes("dev"), observed={DEV: before}) == ((), ())

    def test_one_that_was_tampered_with_is_raised_again_on_its_policy(self) -> None:
        tampered = replace(a_fence(ALL_SCP), document="{}")
        assert changes(reads("prod"), observed={PROD: tampered}) == (
            (RaiseFence(card_arn=CARD_ARN, fence=ALL_SCP, policy="p-12345678"),),
            (),
        )

    @pytest.mark.parametrize("accesses", [(), (writes("dev"),), (writes("dev"), reads("prod"))])
    def test_one_that_lists_a_card_which_isnt_read_only_any_more_is_lowered(self, accesses: tuple[Any, ...]) -> None:
        observed = {DEV: a_fence(self.dev, CARD_ARN, OTHER_CARD), PROD: a_fence(ALL_SCP)}
        lowered = (LowerFence(card_arn=CARD_ARN, fence=self.dev, policy="p-12345678"),)
        assert changes(*accesses, observed=observed) == ((), lowered)

    def test_one_that_covers_every_card_is_never_lowered(self) -> None:
        assert changes(observed={DEV: a_fence(self.dev), PROD: a_fence(ALL_SCP)}) == ((), ())

    def test_one_that_lists_other_cards_is_left_alone(self) -> None:
        assert changes(writes("dev"), observed={DEV: a_fence(self.dev, OTHER_CARD)}) == ((), ())

    def test_one_that_lost_a_role_is_lowered_all_the_same(self) -> None:
        """The other roles would stay behind it, and the rules let them write."""
        boundary = Fence(account=DEV, kind=FenceKind.BOUNDARY, roles=("Reader",), lists_cards=True)
        gap = replace(a_fence(boundary, CARD_ARN), uncovered=("Reader",))
        _, lowered = changes(writes("dev"), observed={DEV: gap}, fence=FenceKind.BOUNDARY)
        assert [change.fence for change in lowered] == [boundary]


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
