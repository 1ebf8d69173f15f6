"""What is open to another audience is open only for the accounts that it had."""

from dataclasses import replace

from stagegate.plans.grants import View, open_stages
from stagegate.rules.audiences import Audience, AudienceStage
from stagegate.rules.narrowed.for_subject import for_subject
from stagegate.subjects.cards.decide import is_nothing_new
from tests.support.builders import DEV, PROD, TEST, a_grant, entitled_to, reads, share_arn, some_rules, the_subject

WHOLE = some_rules()


def test_without_audiences_what_is_on_record_is_open_also_where_an_account_was_added() -> None:
    view = View(grants=(a_grant("dev", DEV), a_grant("prod", TEST), a_grant("gone", PROD)))
    assert open_stages(WHOLE, view) == {"dev", "prod", "gone"}


def test_another_audiences_access_counts_for_the_accounts_that_it_had() -> None:
    audience = Audience(name="new", cards=("*",), stages=(AudienceStage(stage="prod", accounts=(TEST,)),))
    rules = for_subject(replace(WHOLE, audiences=(audience,)), the_subject())
    view = View(grants=(a_grant("dev", DEV), a_grant("prod", PROD)))
    assert open_stages(rules, view) == {"dev"}
    mine = View(grants=tuple(replace(grant, audience="new") for grant in view.grants))
    assert open_stages(rules, mine) == {"dev", "prod"}


def test_a_card_of_another_audience_with_the_same_accounts_is_something_new() -> None:
    """Its share may get other accounts at any time."""
    rules = for_subject(replace(WHOLE, audiences=(Audience(name="new", cards=("*",)),)), the_subject())
    entitled = entitled_to(reads("test"))
    view, held = View(grants=(a_grant("test", TEST),)), {share_arn("test-0"): "ASSOCIATED"}
    assert is_nothing_new(WHOLE, entitled, view, held)
    assert not is_nothing_new(rules, entitled, view, held)
    assert is_nothing_new(rules, entitled, View(grants=(replace(view.grants[0], audience="new"),)), held)
