"""A package opens to the accounts and roles of its group's audience, and of no other; who it was for before closes."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any

import pytest

from stagegate.core.arns import subject_of
from stagegate.core.card_link import CardLink
from stagegate.iam.statements import to_json
from stagegate.links.asked import link_of
from stagegate.links.link import linked
from stagegate.links.recorded import CARD as FOLLOWED
from stagegate.links.recorded import CARDS
from stagegate.links.word import Word
from stagegate.plans.grants import View
from stagegate.rules.audiences import Audience, AudienceStage, ImageRepository
from stagegate.rules.imports import Import, Registration
from stagegate.rules.model import Bucket, Rules
from stagegate.rules.narrowed.for_subject import for_subject
from stagegate.subjects.groups.grants import desired_grants as registering
from stagegate.subjects.packages.blockers import for_others
from stagegate.subjects.packages.grants import desired_grants
from stagegate.subjects.packages.model import Container
from stagegate.subjects.packages.plan import _entitled
from stagegate.targets.target import CloseTarget, OpenTarget
from tests.support.builders import DEV, GOVERNANCE, PROD, TEST, a_basis
from tests.support.packages import (
    ACCOUNTS,
    APPROVED,
    a_package,
    let_in,
    package_rules,
    the_package_subject,
    the_plan,
    wanted,
)
from tests.support.words import CARD, HOME, PACKAGE, a_word
from tests.support.words import CHURN as CHURNS

TWO = f"{HOME}:model-card/two"
ANOTHER = "666677778888"
CHURN = Audience(
    name="churn", groups=("churn",), stages=(AudienceStage(stage="prod", accounts=(TEST,), roles=("ChurnOperator",)),)
)
REST = Audience(name="rest", groups=("*",), stages=(AudienceStage(stage="prod", accounts=(ANOTHER,)),))


@dataclass(frozen=True, slots=True)
class Said:
    """One word, whichever cards are asked."""

    word: Word

    def __call__(self, _: Iterable[str]) -> tuple[Word, ...]:
        return (self.word,)


def rules(*audiences: Audience) -> Rules:
    return for_subject(replace(package_rules(), audiences=audiences), the_package_subject())


def said(found: Rules) -> str:
    """All that the package's grants say."""
    return str([(to_json(s)) for each in wanted(found, a_package(), "prod") for s in each.statements])


def test_a_package_opens_to_its_audiences_accounts_and_roles() -> None:
    text = said(rules(CHURN, REST))
    assert f"arn:aws:iam::{TEST}:role/ChurnOperator" in text
    assert PROD not in text
    assert ANOTHER not in text
    other = said(rules(REST))
    assert f"arn:aws:iam::{ANOTHER}:role/ModelOperator" in other
    assert TEST not in other


def test_a_package_that_moves_closes_for_whom_it_was_for() -> None:
    before = the_plan(rules(CHURN, REST), "prod")
    view = View(grants=before.record.grants, written=before.record.notes)
    assert {grant.audience for grant in view.grants} == {"churn"}
    moved = the_plan(rules(REST), "prod", view=view)
    rewritten = [change for change in moved.changes if isinstance(change, OpenTarget)]
    assert {change.target.id for change in rewritten} == {grant.target for grant in view.grants}
    assert all(change.closes for change in rewritten), "it is gone from the documents before anything opens"
    assert all(TEST not in str(change.statements) for change in rewritten)
    assert {grant.audience for grant in moved.record.grants} == {"rest"}


def test_a_package_that_no_audience_selects_any_more_closes() -> None:
    before = the_plan(rules(CHURN), "prod")
    view = View(grants=before.record.grants, written=before.record.notes)
    nobodys = rules(replace(CHURN, groups=("other",)))
    assert nobodys.opened_by("churn", APPROVED) == ()
    closed = the_plan(nobodys, view=view)
    assert closed.record.grants == ()
    assert all(isinstance(change, CloseTarget) for change in closed.changes)
    assert [finding.code for finding in closed.record.findings] == ["NoAudience"]


def test_imports_go_where_the_audience_hosts_them() -> None:
    entry = Import(groups=("*",), stage="prod")
    whole = replace(package_rules(), imports=(entry,), audiences=(CHURN, REST))
    found = for_subject(whole, the_package_subject())
    assert found.importing("churn", APPROVED) == ("prod",)
    assert found.stage("prod").accounts == (TEST,)


def test_roles_register_in_their_own_audiences_groups() -> None:
    whole = replace(
        package_rules(), registrations=(Registration(stage="prod", groups=("*",)),), audiences=(CHURN, REST)
    )
    group = replace(
        the_package_subject(),
        kind="model-package-group",
        name="churn",
        arn=f"arn:aws:sagemaker:us-east-1:{GOVERNANCE}:model-package-group/churn",
    )
    desired, _ = registering(for_subject(whole, group), group, ACCOUNTS, name="churn")
    text = str([to_json(statement) for each in desired for statement in each.statements])
    assert f"arn:aws:iam::{TEST}:role/ChurnOperator" in text
    assert PROD not in text
    assert DEV not in text


def test_a_conflict_of_cards_opens_nothing_for_another_audience_than_a_stage_is_open_for() -> None:
    """What is open by the record may be so for the accounts of the audience before."""
    opened = the_plan(rules(CHURN, REST), "prod").record.grants
    whole = rules(replace(CHURN, name="new", stages=(AudienceStage(stage="prod", accounts=(ANOTHER,)),)))
    for now, stages in ((rules(CHURN, REST), ["prod"]), (whole, [])):
        assert now.packages
        asking = replace(now, packages=replace(now.packages, card=CardLink.REQUIRED))
        words = [
            replace(a_word(*names, arn=arn), audience=now.audience) for names, arn in (((), CARD), ((PACKAGE,), TWO))
        ]
        link = linked(CHURNS, words, {CARDS: "[]", FOLLOWED: CARD}, now.audience)
        accounts: Any = SimpleNamespace(entitled=lambda *_: let_in("prod"))
        basis = a_basis(asking, view=View(grants=opened))
        assert [e.stage for e in _entitled(basis, a_package(), (), accounts, link).entitlements] == stages


def test_a_package_whose_group_no_audience_selects_is_for_its_cards() -> None:
    """Else nobody who may approve the card could open it. Where an audience selects the group, no card changes that."""
    of_cards = replace(CHURN, groups=(), cards=("churn",))
    for audiences, names, whose, codes in (
        ((of_cards,), (), "churn", []),
        ((of_cards, REST), (), "rest", ["CardForOthers"]),
        ((replace(of_cards, cards=("other",)),), (), None, []),
        ((of_cards,), (f"{PACKAGE}9",), None, []),
    ):
        whole = replace(package_rules(), audiences=audiences)
        assert whole.packages
        asking = replace(whole, packages=replace(whole.packages, card=CardLink.REQUIRED))
        card = for_subject(asking, subject_of(CARD)).audience
        word = replace(a_word(*names), audience=card)
        now = for_subject(asking, the_package_subject())
        now, link = link_of(now, a_package().linkable, (), {}, Said(word))
        narrowed = a_basis(now)
        assert narrowed.rules.audience == whose
        assert narrowed.rules.opened_by("churn", APPROVED) == (("prod",) if whose else ())
        if whose == "churn":
            assert narrowed.rules.stage("prod").accounts == (TEST,)
            assert [each.audience for each in narrowed.rules.approvers] == [None] * len(whole.approvers)
        if whose:
            accounts: Any = SimpleNamespace(entitled=lambda *_: let_in("prod"))
            found = _entitled(narrowed, a_package(), (), accounts, link)
            assert [each.code for each in found.findings] == codes
            assert [each.stage for each in found.entitlements] == ([] if codes else ["prod"])


def test_who_registers_a_package_does_not_choose_whom_it_is_for() -> None:
    """Its own card names what its author likes: the card of another team, with that team's audience."""
    of_cards = replace(CHURN, groups=(), cards=("two",))
    whole = replace(package_rules(), audiences=(of_cards,))
    assert whole.packages
    asking = replace(whole, packages=replace(whole.packages, card=CardLink.IF_LINKED))
    registered = replace(a_package(), card=TWO)
    for names, whose in (((), None), ((PACKAGE,), "churn")):
        word = replace(a_word(*names, arn=TWO), audience="churn")
        now = for_subject(asking, the_package_subject())
        now, link = link_of(now, registered.linkable, (), {}, Said(word))
        assert link
        assert link.card == word
        assert now.audience == whose
        assert now.opened_by("churn", APPROVED) == (("prod",) if whose else ())


def test_in_a_conflict_a_package_stays_with_the_audience_of_the_card_that_it_has_followed() -> None:
    of_cards = replace(CHURN, groups=(), cards=("churn", "two"))
    whole = replace(package_rules(), audiences=(of_cards,))
    assert whole.packages
    asking = replace(whole, packages=replace(whole.packages, card=CardLink.REQUIRED))
    words = tuple(replace(a_word(*n, arn=arn), audience="churn") for n, arn in (((), CARD), ((PACKAGE,), TWO)))
    for followed, whose in (({}, None), ({CARDS: "[]", FOLLOWED: CARD}, "churn")):
        now = for_subject(asking, the_package_subject())
        now, link = link_of(now, a_package().linkable, (TWO,), followed, lambda _: words)
        assert link
        assert link.is_conflict
        assert now.audience == whose


def test_another_audiences_data_opens_to_nobody_whoever_approves() -> None:
    """Whoever may register a package may write any address into it: the address of another team's model, too."""
    bucket = package_rules().buckets[0]
    others = replace(package_rules(), audiences=(CHURN, REST), buckets=(replace(bucket, audience="rest"),))
    found, findings = desired_grants(
        for_subject(others, the_package_subject()),
        the_package_subject(),
        a_package(),
        let_in("prod").entitlements,
        ACCOUNTS,
    )
    assert found == ()
    assert [each.code for each in findings] == ["ArtifactForOthers"]
    own = replace(others, buckets=(replace(bucket, audience="churn"),))
    assert wanted(for_subject(own, the_package_subject()), a_package(), "prod")


def test_another_audiences_key_opens_to_nobody() -> None:
    theirs = Bucket(name="other-bucket", account=DEV, key=f"arn:aws:kms:us-east-1:{DEV}:key/1a2b", audience="rest")
    whole = package_rules()
    others = replace(whole, audiences=(CHURN, REST), buckets=(*whole.buckets, theirs))
    package = replace(a_package(), kms_key=theirs.key)
    found = for_others(for_subject(others, the_package_subject()), the_package_subject(), package)
    assert [each.code for each in found] == ["ArtifactForOthers"]


IMAGES = ImageRepository(name="team/*", account=PROD, audience="rest")


@pytest.mark.parametrize(
    ("entries", "codes"),
    [
        ((IMAGES,), ["ArtifactForOthers"]),
        ((replace(IMAGES, audience="churn"),), []),
        ((replace(IMAGES, name="team/serving", audience="churn"), IMAGES), []),
        ((replace(IMAGES, name="*"),), ["ArtifactForOthers"]),
        ((replace(IMAGES, name="other/*"),), []),
        ((replace(IMAGES, account=DEV),), []),
    ],
)
@pytest.mark.parametrize("named", [":v3", f"@sha256:{'0' * 64}"])
def test_another_audiences_image_opens_to_nobody(
    entries: tuple[ImageRepository, ...], codes: list[str], named: str
) -> None:
    """By its tag or by its digest: a repository's policy opens all images of it."""
    container = Container(image_uri=f"{PROD}.dkr.ecr.us-east-1.amazonaws.com/team/serving{named}")
    package = replace(a_package(), containers=(container,))
    whole = replace(package_rules(), audiences=(CHURN, REST), repositories=entries)
    found = for_others(for_subject(whole, the_package_subject()), the_package_subject(), package)
    assert [each.code for each in found] == codes
    if codes:
        assert "team/serving" in found[0].detail
