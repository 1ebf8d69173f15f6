"""The key of an encrypted card: to whom it opens, for which card, in which order, and what is on record of it."""

from dataclasses import replace

import pytest

from stagegate.approvals.entitlement import Entitled
from stagegate.iam.key_grants import READ, WRITE, KeyUse
from stagegate.plans.grants import View
from stagegate.plans.plan import Plan
from stagegate.rules.model import Rules
from stagegate.subjects.cards.decide import OnKey, is_nothing_new
from stagegate.subjects.cards.key import desired_grants, on_key, with_open_key
from stagegate.subjects.cards.model import Card
from stagegate.surfaces.fences.model import AllowWrites, DenyWrites
from stagegate.surfaces.shares.changes import CloseShare, ObservedShares, OpenShare
from stagegate.targets.changes import DesiredGrant, target_changes
from stagegate.targets.compare import TargetDiff
from stagegate.targets.customer_keys import CARD_CONTEXT
from stagegate.targets.desired import desired_text_of, digest_of
from stagegate.targets.target import CloseTarget, OpenTarget
from tests.support.builders import (
    CARD_ARN,
    DEV,
    GOVERNANCE,
    NOON,
    PROD,
    TEST,
    a_basis,
    a_card,
    a_plan,
    a_record,
    a_share,
    a_stage,
    all_fences,
    at,
    entitled_to,
    reads,
    shares,
    some_rules,
    the_subject,
    writes,
)

ID = "0f0e0d0c-0b0a-0908-0706-050403020100"
KEY = f"arn:aws:kms:us-east-1:{GOVERNANCE}:key/{ID}"
DEVS_KEY = KEY.replace(GOVERNANCE, DEV)
ACCOUNTS = frozenset({GOVERNANCE, DEV, TEST, PROD})
RULES = some_rules()
SEALED = a_card(kms_key=KEY)
DRAFT = entitled_to(writes("dev"))
APPROVED = entitled_to(writes("dev"), reads("test"), reads("prod"), approval=a_record(id_="event-1"))
OPEN = shares(
    a_share("dev", DEV),
    a_share("test", TEST),
    a_share("prod", PROD),
    dev_0="ASSOCIATED",
    test_0="ASSOCIATED",
    prod_0="ASSOCIATED",
)


def use(account: str, operations: tuple[str, ...] = READ) -> KeyUse:
    return KeyUse(grantee=f"arn:aws:iam::{account}:root", operations=operations, context=((CARD_CONTEXT, CARD_ARN),))


def desired(entitled: Entitled, card: Card | None = SEALED, rules: Rules = RULES) -> tuple[DesiredGrant, ...]:
    return desired_grants(rules, the_subject(), card, entitled.entitlements)


def key(entitled: Entitled, view: View, card: Card | None = SEALED, *, mended: bool | None = None) -> OnKey:
    """What becomes of the key; by hand, if it is said whether everything was found as wanted."""
    requested = desired(entitled, card)
    ids = {*view.written, *(desired_grant.target.id for desired_grant in requested)}
    seen = None if mended is None else {id_: TargetDiff(in_sync=mended, lines=(f"{id_}: a line",)) for id_ in ids}
    return on_key(a_basis(RULES, view), requested, entitled.entitlements, seen=seen)


def recorded(entitled: Entitled) -> View:
    """What is on record once that was opened."""
    opened = key(entitled, View())
    (change,) = opened.opens
    assert isinstance(change, OpenTarget)
    return View(grants=opened.grants, written={change.target.id: digest_of(desired_text_of(change))})


def planned(entitled: Entitled, view: View, *, seen: ObservedShares = OPEN) -> Plan:
    return a_plan(
        RULES,
        entitled,
        view=view,
        seen=seen,
        fences=all_fences(RULES, entitled),
        card=SEALED,
        key=key(entitled, view),
    )


class TestToWhomItOpens:
    def test_is_to_whom_the_share_opens_to_read_and_where_the_stage_may_also_to_write(self) -> None:
        assert {desired_grant.stage: desired_grant.uses for desired_grant in desired(APPROVED)} == {
            "dev": (use(DEV), use(DEV, WRITE)),
            "test": (use(TEST),),
            "prod": (use(PROD),),
        }
        assert {desired_grant.target.name for desired_grant in desired(APPROVED)} == {KEY}

    def test_is_every_account_of_the_stage(self) -> None:
        rules = some_rules(stages=[a_stage("dev", DEV, PROD)])
        (desired_grant,) = desired(entitled_to(reads("dev")), rules=rules)
        assert desired_grant.uses == (use(DEV), use(PROD))

    def test_is_nobody_in_the_account_that_has_the_key_itself(self) -> None:
        assert [desired_grant.stage for desired_grant in desired(APPROVED, replace(SEALED, kms_key=DEVS_KEY))] == [
            "test",
            "prod",
        ]

    @pytest.mark.parametrize("card", [None, a_card()])
    def test_is_nobody_where_there_is_no_key(self, card: Card | None) -> None:
        assert desired(APPROVED, card) == ()

    def test_a_key_may_be_named_by_its_id(self) -> None:
        assert desired(APPROVED, replace(SEALED, kms_key=ID)) == desired(APPROVED)


class TestAKeyThatCantBeOpened:
    @pytest.mark.parametrize(
        "named",
        [
            "alias/aws/sagemaker",
            "alias/cards",
            f"arn:aws:kms:us-east-1:{GOVERNANCE}:alias/cards",
            KEY.replace(GOVERNANCE, "999988887777"),
        ],
    )
    def test_keeps_the_card_closed_and_is_named(self, named: str) -> None:
        card = replace(SEALED, kms_key=named)
        found = with_open_key(the_subject(), card, APPROVED, ACCOUNTS)
        assert (found.entitlements, [f.code for f in found.findings]) == ((), ["KeyClosed"])
        assert f"The card is encrypted with {named}; allowed:" in found.findings[0].detail

    def test_is_worth_no_word_where_nothing_would_open(self) -> None:
        card = replace(SEALED, kms_key="alias/cards")
        assert with_open_key(the_subject(), card, Entitled(), ACCOUNTS) == Entitled()

    @pytest.mark.parametrize("card", [None, a_card(), SEALED, replace(SEALED, kms_key=DEVS_KEY)])
    def test_no_other_is_in_the_way(self, card: Card | None) -> None:
        assert with_open_key(the_subject(), card, APPROVED, ACCOUNTS) == APPROVED


class TestTheOrder:
    def kinds(self, plan: Plan) -> list[str]:
        return [type(change).__name__ for change in plan.changes if not isinstance(change, DenyWrites | AllowWrites)]

    def test_the_key_opens_before_the_share(self) -> None:
        plan = planned(APPROVED, recorded(DRAFT), seen=replace(OPEN, associations={}))
        assert self.kinds(plan) == ["OpenTarget", "OpenShare", "OpenShare", "OpenShare"]

    def test_it_closes_after_the_share_and_before_anything_opens(self) -> None:
        plan = planned(
            entitled_to(reads("test")), recorded(DRAFT), seen=shares(a_share("dev", DEV), dev_0="ASSOCIATED")
        )
        assert self.kinds(plan) == ["CloseShare", "OpenTarget", "OpenShare"]

    def test_everything_closes_for_a_card_that_is_gone(self) -> None:
        plan = a_plan(
            RULES, Entitled(), view=recorded(APPROVED), seen=OPEN, key=key(Entitled(), recorded(APPROVED), None)
        )
        assert [type(change) for change in plan.changes[:4]] == [CloseShare] * 3 + [CloseTarget]
        assert plan.record.grants == ()


class TestWhatChanges:
    def test_is_nothing_where_it_is_as_recorded(self) -> None:
        view = recorded(APPROVED)
        assert key(APPROVED, view) == OnKey(grants=view.grants, notes=view.written)

    def test_is_all_that_the_card_has_on_the_key_at_once(self) -> None:
        (change,) = key(APPROVED, recorded(DRAFT)).opens
        assert isinstance(change, OpenTarget)
        assert set(change.uses) == {use(DEV), use(DEV, WRITE), use(TEST), use(PROD)}

    def test_a_stage_that_may_write_no_longer_keeps_its_grant_to_read(self) -> None:
        now = key(entitled_to(reads("dev")), recorded(DRAFT))
        assert now.opens == ()
        (change,) = now.closes
        assert isinstance(change, OpenTarget)
        assert change.uses == (use(DEV),)

    def test_a_key_that_the_card_no_longer_has_is_closed(self) -> None:
        """A card that is made anew may have another one."""
        now = key(DRAFT, recorded(DRAFT), replace(SEALED, kms_key=KEY.replace(ID, ID[::-1])))
        (closed,), (opened,) = now.closes, now.opens
        assert isinstance(closed, CloseTarget)
        assert (closed.target.name, isinstance(opened, OpenTarget)) == (KEY, True)

    def test_what_a_dead_run_left_unsaid_is_done_again(self) -> None:
        view = replace(recorded(DRAFT), written=dict.fromkeys(recorded(DRAFT).written, ""))
        assert len(key(DRAFT, view).opens) == 1

    @pytest.mark.parametrize(("mended", "changes"), [(True, 0), (False, 1)])
    def test_in_a_manual_run_is_what_was_seen(self, *, mended: bool, changes: int) -> None:
        now = key(DRAFT, recorded(DRAFT), mended=mended)
        assert len(now.opens) == changes
        assert [line.endswith("a line") for line in now.documents] == [True]


class TestTheRecord:
    def test_says_who_has_what_since_when_and_on_whose_approval(self) -> None:
        dev, test, _ = key(APPROVED, recorded(DRAFT)).grants
        assert (dev.stage, dev.accounts, dev.write, dev.permission, dev.approval) == (
            "dev",
            (DEV,),
            True,
            "decrypt",
            "event-1",
        )
        assert (dev.since, test.since) == (at(60), at(60))
        assert {dev.target, test.target} == {f"key-grants/{GOVERNANCE}/us-east-1/{KEY}"}
        assert dev.digest != test.digest

    def test_keeps_the_time_since_which_it_is_open(self) -> None:
        view = recorded(DRAFT)
        view = replace(view, grants=tuple(replace(grant, since=NOON) for grant in view.grants))
        dev, test, _ = key(APPROVED, view).grants
        assert (dev.since, test.since) == (NOON, at(60))

    def test_stands_beside_that_of_the_shares(self) -> None:
        plan = planned(DRAFT, View())
        assert [(grant.stage, bool(grant.share_arn), bool(grant.target)) for grant in plan.record.grants] == [
            ("dev", True, False),
            ("dev", False, True),
        ]
        assert is_nothing_new(
            RULES, DRAFT, View(grants=plan.record.grants), {plan.record.grants[0].share_arn or "": "ASSOCIATED"}
        )

    def test_of_other_rules_is_something_new(self) -> None:
        view = recorded(DRAFT)
        closes, opens = target_changes(the_subject(), desired(APPROVED), view, None)
        assert (closes, len(opens)) == ([], 1)


def test_a_share_alone_opens_a_card_without_a_key() -> None:
    plan = a_plan(RULES, DRAFT, card=a_card())
    assert [type(change) for change in plan.changes] == [OpenShare]
