"""Audiences that select by tag: what is known of a card's tags decides, and nothing known is for nobody."""

from dataclasses import replace

import pytest

from stagegate.approvals.tags.audiences import tag_keys, with_tags
from stagegate.approvals.tags.settle import Tags
from stagegate.core.arns import Subject, subject_of
from stagegate.rules.audiences import Audience, Taggers, TagSelector
from stagegate.rules.model import Rules
from stagegate.rules.narrowed.choice import rests_on_tag
from stagegate.rules.narrowed.for_subject import audience_of, for_subject, may_be_for, nobody
from tests.support.builders import GOVERNANCE
from tests.support.packages import package_rules

FRAUD = Audience(name="fraud", cards=("x-*",), tag=TagSelector(key="team", values=("fraud",)))
CHURN = Audience(name="churn", tag=TagSelector(key="team", values=("churn",)))
REST = Audience(name="rest", cards=("*",), groups=("*",), hubs=("*",))
HAS_FRAUD, HAS_CHURN, HAS_NONE = (Tags(values={"team": value}) for value in ("fraud", "churn", None))
UNSETTLED = Tags(unsettled={"team": "somebody touched it"})


def of(kind: str, name: str) -> Subject:
    return subject_of(f"arn:aws:sagemaker:us-east-1:{GOVERNANCE}:{kind}/{name}")


CARD, OTHER, GROUP, HUB = (
    of("model-card", "x-1"),
    of("model-card", "y"),
    of("model-package-group", "x-1"),
    of("hub", "x-1"),
)


@pytest.fixture
def rules() -> Rules:
    taggers = Taggers(key="team", principals=(f"arn:aws:iam::{GOVERNANCE}:role/Registrar",))
    return replace(package_rules(), audiences=(FRAUD, CHURN, REST), tags=(taggers,))


@pytest.mark.parametrize(
    ("tags", "audience"), [(HAS_FRAUD, "fraud"), (HAS_CHURN, "churn"), (HAS_NONE, "rest"), (UNSETTLED, None)]
)
def test_the_first_audience_whose_tag_it_has(rules: Rules, tags: Tags, audience: str | None) -> None:
    known = with_tags(rules, {"x-1": tags})
    assert for_subject(known, CARD).audience == audience_of(known, CARD) == audience
    assert rests_on_tag(known.audiences, CARD) == (audience is None)


def test_a_name_that_isnt_selected_by_tag_isnt_looked_at(rules: Rules) -> None:
    assert audience_of(with_tags(rules, {"y": HAS_FRAUD}), OTHER) == "rest", "fraud has x-* alone"
    named = replace(rules, audiences=(FRAUD, REST))
    assert not rests_on_tag(named.audiences, OTHER)
    assert audience_of(named, OTHER) == "rest"


def test_of_what_nothing_is_known_is_for_nobody(rules: Rules) -> None:
    assert audience_of(rules, CARD) is None
    assert audience_of(with_tags(rules, {"x-2": HAS_FRAUD}), CARD) is None
    assert may_be_for(rules, CARD, "fraud")
    assert not may_be_for(with_tags(rules, {"x-1": HAS_CHURN}), CARD, "fraud")


def test_groups_and_hubs_have_no_say_by_tag(rules: Rules) -> None:
    for subject in (GROUP, HUB):
        assert not rests_on_tag(rules.audiences, subject)
        assert audience_of(rules, subject) == "rest"


def test_what_is_known_of_several_cards_comes_together(rules: Rules) -> None:
    known = with_tags(with_tags(rules, {"x-1": HAS_FRAUD, "y": HAS_CHURN}), {"x-1": UNSETTLED})
    assert (audience_of(known, CARD), audience_of(known, OTHER)) == (None, "churn")
    again = with_tags(known, {"x-1": HAS_FRAUD})
    assert (audience_of(again, CARD), audience_of(again, OTHER)) == ("fraud", "churn")


def test_the_finding_says_why(rules: Rules) -> None:
    (finding,) = nobody(for_subject(with_tags(rules, {"x-1": UNSETTLED}), CARD), CARD)
    assert finding.code == "TagUnsettled"
    assert "its tag team" in finding.detail
    assert "somebody touched it" in finding.detail
    (finding,) = nobody(for_subject(rules, CARD), CARD)
    assert "nothing is known of it here" in finding.detail


def test_keys_are_those_that_audiences_ask_for(rules: Rules) -> None:
    unused = Taggers(key="cost", principals=("arn:aws:iam::111122223333:role/A",))
    assert set(tag_keys(replace(rules, tags=(*rules.tags, unused)))) == {"team"}
