"""A card is in one share of each stage that is entitled to it, in no other of ours, and nobody else is in those."""

from typing import Any

import pytest

from stagegate.rules.model import Rules
from stagegate.surfaces.shares.changes import (
    CARD_EXPORT_PERMISSION,
    CARD_PERMISSION,
    CloseShare,
    ObservedShares,
    OpenShare,
    Share,
    foreign_shares,
    is_as_recorded,
    share_changes,
    share_of,
)
from tests.support.builders import (
    CARD_ARN,
    DEV,
    PROD,
    TEST,
    a_share,
    a_stage,
    entitled_to,
    reads,
    share_arn,
    shares,
    some_rules,
)

WIDE = some_rules(stages=[a_stage("dev", DEV), a_stage("prod", PROD, TEST)])


def an_opening(stage: str, *accounts: str, **more: Any) -> OpenShare:
    return OpenShare(
        subject_arn=CARD_ARN,
        stage=stage,
        accounts=accounts,
        **{"permission": CARD_PERMISSION, "external": False, **more},
    )


def a_closing(stage: str, name: str = "") -> CloseShare:
    return CloseShare(stage=stage, share_arn=share_arn(name or f"{stage}-0"), subject_arn=CARD_ARN)


def changes(
    *stages: str, seen: ObservedShares, rules: Rules | None = None
) -> tuple[tuple[CloseShare, ...], tuple[OpenShare, ...]]:
    return share_changes(rules or some_rules(), CARD_ARN, entitled_to(*map(reads, stages)).entitlements, seen)


def test_a_stage_without_a_share_gets_one() -> None:
    assert changes("dev", seen=shares()) == ((), (an_opening("dev", DEV),))


def test_a_stage_with_a_share_gets_the_card_into_it() -> None:
    seen = shares(a_share("dev", DEV), a_share("prod", PROD))
    assert changes("dev", seen=seen) == ((), (an_opening("dev", DEV, share_arns=(share_arn("dev-0"),)),))


def test_a_card_that_is_where_it_belongs_stays_there() -> None:
    seen = shares(a_share("dev", DEV), dev_0="ASSOCIATED")
    assert changes("dev", seen=seen) == ((), ())


def test_a_stage_that_is_not_entitled_is_closed() -> None:
    seen = shares(a_share("dev", DEV), a_share("prod", PROD), dev_0="ASSOCIATED", prod_0="ASSOCIATING")
    assert changes("dev", seen=seen) == ((a_closing("prod"),), ())
    assert changes(seen=seen) == ((a_closing("dev"), a_closing("prod")), ())


@pytest.mark.parametrize("status", ["DISASSOCIATING", "DISASSOCIATED", "FAILED"])
def test_a_card_that_is_on_its_way_out_is_opened_again_and_not_closed_twice(status: str) -> None:
    seen = shares(a_share("dev", DEV), dev_0=status)
    assert changes("dev", seen=seen) == ((), (an_opening("dev", DEV, share_arns=(share_arn("dev-0"),)),))
    assert changes(seen=seen) == ((), ())


def test_a_card_that_is_on_its_way_in_is_waited_for() -> None:
    seen = shares(a_share("dev", DEV), dev_0="ASSOCIATING")
    assert changes("dev", seen=seen) == ((), (an_opening("dev", DEV, share_arns=(share_arn("dev-0"),)),))


@pytest.mark.parametrize(
    ("wrong", "rules", "opening"),
    [
        pytest.param(
            a_share("dev", DEV),
            some_rules(export=True),
            an_opening("dev", DEV, permission=CARD_EXPORT_PERMISSION),
            id="another permission",
        ),
        pytest.param(a_share("dev", DEV, external=True), some_rules(), an_opening("dev", DEV), id="open to outsiders"),
        pytest.param(
            a_share("dev", DEV),
            some_rules(organization=None),
            an_opening("dev", DEV, external=True),
            id="closed to outsiders",
        ),
    ],
)
def test_a_share_of_the_wrong_kind_is_drained_and_another_is_made(
    wrong: Share, rules: Rules, opening: OpenShare
) -> None:
    seen = shares(wrong, dev_0="ASSOCIATED")
    assert changes("dev", seen=seen, rules=rules) == ((a_closing("dev"),), (opening,))


def test_strangers_are_taken_out_of_every_share_of_ours() -> None:
    seen = shares(a_share("dev", DEV, PROD, "999988887777"), dev_0="ASSOCIATED")
    strangers = CloseShare(stage="dev", share_arn=share_arn("dev-0"), principals=(PROD, "999988887777"))
    assert changes("dev", seen=seen) == ((strangers,), ())
    assert changes(seen=seen) == ((a_closing("dev"), strangers), ())


def test_a_stranger_on_the_way_out_is_left_to_leave() -> None:
    share = a_share("dev", DEV, PROD)
    leaving = Share(
        arn=share.arn,
        stage="dev",
        permission=CARD_PERMISSION,
        principals={DEV: "ASSOCIATED", PROD: "DISASSOCIATING"},
    )
    assert changes("dev", seen=shares(leaving, dev_0="ASSOCIATED")) == ((), ())


def test_the_share_of_a_stage_that_the_rules_dont_know_is_emptied() -> None:
    seen = shares(a_share("gone", DEV), gone_0="ASSOCIATED")
    strangers = CloseShare(stage="gone", share_arn=share_arn("gone-0"), principals=(DEV,))
    assert changes("dev", seen=seen) == ((a_closing("gone"), strangers), (an_opening("dev", DEV),))


class TestAccountsThatAreMissing:
    @pytest.mark.parametrize("state", [None, "DISASSOCIATING", "DISASSOCIATED", "FAILED"])
    def test_are_added(self, state: str | None) -> None:
        principals = {PROD: "ASSOCIATED", **({TEST: state} if state else {})}
        share = Share(arn=share_arn("prod-0"), stage="prod", permission=CARD_PERMISSION, principals=principals)
        opening = an_opening("prod", PROD, TEST, share_arns=(share.arn,), missing_principals=(TEST,))
        assert changes("prod", seen=shares(share, prod_0="ASSOCIATED"), rules=WIDE) == ((), (opening,))

    def test_are_waited_for_once_they_are_on_their_way_in(self) -> None:
        share = a_share("prod", PROD, TEST, status="ASSOCIATING")
        opening = an_opening("prod", PROD, TEST, share_arns=(share.arn,))
        assert changes("prod", seen=shares(share, prod_0="ASSOCIATED"), rules=WIDE) == ((), (opening,))

    @pytest.mark.parametrize("lacking", [0, 1])
    def test_are_added_whichever_shard_lacks_them(self, lacking: int) -> None:
        """Which of them has room for the card turns out when it is tried."""
        shards = [a_share("prod", *([PROD] if n == lacking else [PROD, TEST]), shard=n) for n in (0, 1)]
        _, (opening,) = changes("prod", seen=shares(*shards), rules=WIDE)
        assert opening.missing_principals == (TEST,)


class TestShards:
    def test_are_tried_in_their_order(self) -> None:
        seen = shares(a_share("dev", DEV, shard=10), a_share("dev", DEV, shard=2), a_share("dev", DEV, shard=0))
        _, (opening,) = changes("dev", seen=seen)
        assert opening.share_arns == (share_arn("dev-0"), share_arn("dev-2"), share_arn("dev-10"))

    def test_the_one_that_holds_the_card_is_the_one(self) -> None:
        seen = shares(a_share("dev", DEV, shard=0), a_share("dev", DEV, shard=1), dev_1="ASSOCIATING")
        _, (opening,) = changes("dev", seen=seen)
        assert opening.share_arns == (share_arn("dev-1"),)

    def test_a_card_in_two_of_them_stays_in_one(self) -> None:
        both = (a_share("dev", DEV, shard=0), a_share("dev", DEV, shard=1))
        assert changes("dev", seen=shares(*both, dev_0="ASSOCIATED", dev_1="ASSOCIATED")) == (
            (a_closing("dev", "dev-1"),),
            (),
        )
        settled_later = shares(*both, dev_0="ASSOCIATING", dev_1="ASSOCIATED")
        assert changes("dev", seen=settled_later) == ((a_closing("dev", "dev-0"),), ())
        assert share_of(some_rules(), "dev", settled_later) == both[1]


def test_a_foreign_share_is_found_and_left_alone() -> None:
    seen = shares(a_share("dev", DEV), dev_0="ASSOCIATED", mine="ASSOCIATED", yours="ASSOCIATING", old="DISASSOCIATED")
    assert foreign_shares(seen) == (share_arn("mine"), share_arn("yours"))
    assert changes("dev", seen=seen) == ((), ())


@pytest.mark.parametrize(
    ("associations", "recorded", "expected"),
    [
        ({}, [], True),
        ({"a": "ASSOCIATED"}, ["a"], True),
        ({"a": "ASSOCIATING"}, ["a"], False),
        ({"a": "DISASSOCIATING"}, ["a"], False),
        ({"a": "ASSOCIATED"}, [], False),
        ({}, ["a"], False),
        ({"a": "ASSOCIATED", "b": "ASSOCIATED"}, ["a"], False),
    ],
)
def test_associations_are_as_recorded_when_they_are_the_same_and_settled(
    associations: dict[str, str], recorded: list[str], *, expected: bool
) -> None:
    assert is_as_recorded(associations, recorded) is expected
