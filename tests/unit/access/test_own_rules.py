"""A package that is for its card's audience is read by that audience's rules, as its own runs do."""

from dataclasses import replace

import pytest

from stagegate.access.model import Entry, SubjectRecord, recorded_subject
from stagegate.access.own_rules import rules_of
from stagegate.access.waiting import decisions_waiting
from stagegate.access.who import access_of
from stagegate.core.card_link import CardLink
from stagegate.ledger.survey.table import Survey
from stagegate.report.build import report_of
from stagegate.rules.audiences import Audience, AudienceStage
from stagegate.rules.model import Approvers, Rules
from stagegate_cli.commands.why import chain
from tests.support.builders import CARD_ARN, NOON, PROD, TEST, a_grant, a_question, written
from tests.support.packages import PACKAGE_ARN, PENDING, package_rules
from tests.support.reports import ABOUT
from tests.support.words import OTHER

AUDIENCE = Audience(
    name="churn", cards=("churn",), stages=(AudienceStage(stage="prod", accounts=(PROD,), roles=("ChurnOperator",)),)
)


def rules(link: CardLink = CardLink.REQUIRED, *audiences: Audience) -> Rules:
    found = package_rules()
    assert found.packages
    return replace(
        found,
        packages=replace(found.packages, card=link),
        audiences=audiences or (AUDIENCE,),
        approvers=(*found.approvers, Approvers(stage="prod", principals=("churns-approver",), audience="churn")),
    )


def recorded(arn: str, status: str, card: str = "", *names: tuple[str, ...], audience: str = "") -> SubjectRecord:
    grants = (replace(a_grant("prod", PROD, approval="r1"), audience=audience),)
    now = Entry(
        at=NOON, execution="run", outcome="changes", status=status, version=1, content_hash="one", grants=grants
    )
    return SubjectRecord(subject=recorded_subject(arn), now=now, card=card, names=names)


CARD = recorded(CARD_ARN, "Approved", "", (), audience="churn")
PACKAGE = recorded(PACKAGE_ARN, "Approved", CARD_ARN, audience="churn")


@pytest.mark.parametrize(
    ("card", "audience"),
    [
        (CARD, "churn"),
        (replace(CARD, names=()), "churn"),
        (replace(CARD, names=((PACKAGE_ARN.replace("churn", "CHURN"),),)), "churn"),
        (replace(CARD, names=((OTHER,), (PACKAGE_ARN,))), "churn"),
        (replace(CARD, names=((OTHER,),)), None),
        (recorded(CARD_ARN, "Deleted"), None),
        (replace(CARD, now=None), None),
        (recorded(f"{CARD_ARN}-two", "Approved"), None),
        (None, None),
    ],
)
def test_the_audience_is_that_of_a_card_that_names_it_or_is_called_as_its_group(
    card: SubjectRecord | None, audience: str | None
) -> None:
    assert rules_of(PACKAGE, rules(), card).audience == audience


def test_its_own_card_doesnt_choose_whom_a_package_is_for() -> None:
    two = recorded(CARD_ARN + "-two", "Approved", "", ())
    whole = rules(CardLink.REQUIRED, replace(AUDIENCE, cards=("*",)))
    assert rules_of(replace(PACKAGE, card=two.subject.arn), whole, two).audience is None
    named = replace(two, names=((PACKAGE_ARN,),))
    assert rules_of(replace(PACKAGE, card=two.subject.arn), whole, named).audience == "churn"


def test_an_audience_that_selects_the_group_counts_and_cards_that_arent_asked_dont() -> None:
    of_group = replace(AUDIENCE, name="rest", cards=(), groups=("churn",))
    assert rules_of(PACKAGE, rules(CardLink.REQUIRED, AUDIENCE, of_group), CARD).audience == "rest"
    assert rules_of(PACKAGE, rules(CardLink.IGNORED), CARD).audience is None


def test_who_decides_on_it_are_the_audiences_approvers() -> None:
    pending = recorded(PACKAGE_ARN, str(PENDING), CARD_ARN)
    asked = replace(pending, questions=(a_question(),), records=(written(),))
    (waiting,) = decisions_waiting([asked, CARD], rules())
    assert "churns-approver" in waiting.approvers
    assert decisions_waiting([asked], rules()) == (), "nobody is asked of what is for nobody"


def test_who_uses_it_are_the_audiences_roles_and_accounts() -> None:
    assert [each.roles for each in access_of(PACKAGE, rules(), CARD)] == [("ChurnOperator",)]
    links = chain(PACKAGE, rules(), PROD, "ChurnOperator", "deploy", CARD)
    assert all(link.holds for link in links), [link.says for link in links]
    assert not all(link.holds for link in chain(PACKAGE, rules(), TEST, "ChurnOperator", "deploy", CARD))


def test_the_report_has_it_among_the_audiences_models() -> None:
    report = report_of(Survey(subjects=(CARD, PACKAGE)), rules(), ABOUT, sid_prefix="Stagegate000000")
    assert [model.audience for model in report.models] == ["churn", "churn"]
    assert [(grant.roles, grant.outside) for grant in report.models[1].grants] == [(("ChurnOperator",), ())]
