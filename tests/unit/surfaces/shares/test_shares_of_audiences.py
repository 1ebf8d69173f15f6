"""A share is an audience's: no model gets into another's, and no account into one that holds another's model."""

from dataclasses import replace
from typing import Any, cast

from stagegate.core.arns import Subject, subject_of
from stagegate.rules.audiences import Audience, AudienceStage
from stagegate.rules.model import Rules
from stagegate.rules.narrowed.for_subject import for_subject
from stagegate.surfaces.shares.changes import CloseShare, ObservedShares, OpenShare, Share, share_changes
from stagegate.surfaces.shares.observe import marks_of
from stagegate.surfaces.shares.observe_held import with_misplaced
from tests.support.builders import CARD_ARN, DEV, PROD, TEST, a_share, entitled_to, reads, share_arn, some_rules

OTHERS = CARD_ARN.replace("churn", "fraud")
CHURN = Audience(name="churn", cards=("churn",), stages=(AudienceStage(stage="dev", accounts=(DEV, PROD)),))
FRAUD = Audience(name="fraud", cards=("fraud",), stages=(AudienceStage(stage="dev", accounts=(TEST,)),))


def rules(*audiences: Audience) -> Rules:
    return replace(some_rules(), audiences=audiences)


def mine(arn: str = CARD_ARN) -> Rules:
    return for_subject(rules(CHURN, FRAUD), subject_of(arn))


def of(audience: str, *accounts: str, **more: Any) -> Share:
    return replace(a_share("dev", *accounts), audience=audience, arn=share_arn(f"dev-{audience}"), **more)


def changes(found: Rules, *shares: Share, inside: str = "") -> tuple[tuple[CloseShare, ...], tuple[OpenShare, ...]]:
    held = {share_arn(inside): "ASSOCIATED"} if inside else {}
    seen = ObservedShares(associations=held, shares=shares)
    return share_changes(found, CARD_ARN, entitled_to(reads("dev")).entitlements, seen)


def test_a_model_gets_a_share_of_its_own_audience_beside_those_of_others() -> None:
    closes, (opening,) = changes(mine(), of("fraud", TEST), a_share("dev", DEV))
    assert closes == ()
    assert (opening.audience, opening.accounts, opening.share_arns) == ("churn", (DEV, PROD), ())


def test_a_model_leaves_the_share_of_the_audience_that_it_was_in() -> None:
    (closing,), (opening,) = changes(mine(), of("fraud", TEST), of("churn", DEV, PROD), inside="dev-fraud")
    assert (closing.share_arn, closing.subject_arn) == (share_arn("dev-fraud"), CARD_ARN)
    assert opening.share_arns == (share_arn("dev-churn"),)


def test_a_model_leaves_the_share_that_was_for_everybody() -> None:
    (closing,), (opening,) = changes(mine(), a_share("dev", DEV), inside="dev-0")
    assert (closing.share_arn, opening.share_arns) == (share_arn("dev-0"), ())


def test_accounts_in_another_audiences_share_are_left_to_its_own_models() -> None:
    assert changes(mine(), of("fraud", TEST, PROD), of("churn", DEV, PROD), inside="dev-churn") == ((), ())


def test_an_account_that_the_audience_doesnt_have_goes_out_of_its_share() -> None:
    (closing,), _ = changes(mine(), of("churn", DEV, PROD, TEST), inside="dev-churn")
    assert closing.principals == (TEST,)


def test_what_another_audience_has_in_a_share_goes_before_an_account_comes() -> None:
    (closing,), (opening,) = changes(mine(), of("churn", DEV, misplaced=(OTHERS,)), inside="dev-churn")
    assert (closing.subject_arn, closing.share_arn) == (OTHERS, share_arn("dev-churn"))
    assert closing.closes
    assert opening.missing_principals == (PROD,)


class Ram:
    """Says what is in each share."""

    def __init__(self) -> None:
        self.asked = 0

    def get_paginator(self, _operation: str) -> "Ram":
        return self

    def paginate(self, **_request: object) -> list[dict[str, Any]]:
        self.asked += 1
        held = (CARD_ARN, OTHERS, CARD_ARN.replace("churn", "nobodys"))
        return [{"resourceShareAssociations": [{"associatedEntity": arn, "status": "ASSOCIATED"} for arn in held]}]


def test_what_is_in_a_share_is_looked_at_only_where_it_is_about_to_get_an_account() -> None:
    ram = Ram()
    whole = ObservedShares(shares=(of("churn", DEV, PROD), of("fraud", DEV), a_share("dev", DEV)))
    assert with_misplaced(cast("Any", ram), mine(), whole) == whole
    assert with_misplaced(cast("Any", ram), some_rules(), ObservedShares(shares=(a_share("dev"),))).shares is not None
    assert ram.asked == 0
    (found,) = with_misplaced(cast("Any", ram), mine(), ObservedShares(shares=(of("churn", DEV),))).shares or ()
    assert found.misplaced == (OTHERS, CARD_ARN.replace("churn", "nobodys"))


def test_a_share_for_everybody_has_the_tags_that_it_always_had() -> None:
    before = {
        "stagegate:resource-type": "model-card",
        "stagegate:stage": "dev",
        "stagegate:permission": "P",
        "stagegate:shard": "0",
    }
    assert marks_of("model-card", "dev", "P", 0) == before
    assert marks_of("model-card", "dev", "P", 0, "churn") == {**before, "stagegate:audience": "churn"}


def test_nobodys_model_leaves_every_share_and_joins_none() -> None:
    subject: Subject = subject_of(CARD_ARN.replace("churn", "nobodys"))
    found = for_subject(rules(CHURN, FRAUD), subject)
    seen = ObservedShares(associations={share_arn("dev-0"): "ASSOCIATED"}, shares=(a_share("dev", DEV),))
    closes, opens = share_changes(found, subject.arn, (), seen)
    assert [(each.subject_arn, each.principals) for each in closes] == [(subject.arn, ())]
    assert opens == ()
