"""A package belongs into a hub that keeps its group, while it is open for all who have the hub, and for nobody else."""

from dataclasses import replace

from stagegate.approvals.entitlement import Entitled, Entitlement
from stagegate.plans.grants import Grant, View
from stagegate.rules.audiences import Audience, AudienceStage
from stagegate.rules.hubs import HubRules, HubShare, HubState
from stagegate.rules.model import Rules
from stagegate.rules.narrowed.for_subject import for_subject
from stagegate.rules.narrowed.withdrawn import withdrawn
from stagegate.subjects.packages.decide import Observed, package_plan
from stagegate.subjects.packages.hubs.grants import hub_desired_grants, whole
from stagegate.subjects.packages.hubs.plan import others
from stagegate.subjects.packages.model import Container
from stagegate.targets.changes import DesiredGrant
from stagegate.targets.target import CloseTarget, OpenTarget
from tests.support.builders import DEV, PROD, TEST, a_basis, at
from tests.support.packages import CONTAINER, DATA, IMAGE, a_package, package_rules, the_package_subject

HUB = HubRules(
    name="own-models", description="x", packages=("chu*",), shares=(HubShare(stage="test"), HubShare(stage="prod"))
)
TEAM = Audience(name="team", groups=("churn",), hubs=("own-models",))
OTHERS = Audience(name="others", groups=("*",), hubs=("*",), stages=(AudienceStage(stage="prod", accounts=(TEST,)),))


def rules(*hubs: HubRules, audiences: tuple[Audience, ...] = ()) -> Rules:
    found = replace(package_rules(), hubs=hubs or (HUB,), audiences=audiences)
    return for_subject(found, the_package_subject())


def desired(found: Rules, *stages: str, containers: tuple[Container, ...] = ()) -> tuple[DesiredGrant, ...]:
    return hub_desired_grants(found, the_package_subject(), a_package(a_package().status, *containers), stages)


def test_each_of_the_hubs_stages_has_the_same_content() -> None:
    test, prod = desired(rules(), "dev", "test", "prod")
    assert (test.stage, prod.stage, test.permission) == ("test", "prod", "hub")
    assert test.target == prod.target
    content = test.content
    assert content is not None
    assert content == prod.content
    assert (content.stages, content.accounts) == (("test", "prod"), tuple(sorted((TEST, PROD))))
    assert (content.image, content.data) == (IMAGE, str(DATA))


def test_it_is_in_no_hub_that_somebody_has_for_whom_it_is_closed() -> None:
    assert desired(rules(), "prod") == ()
    assert desired(rules(), "dev", "test") == ()
    assert desired(rules()) == ()


def test_it_is_in_no_hub_that_does_not_keep_it() -> None:
    for hub in (
        replace(HUB, packages=("churn-2",)),
        replace(HUB, packages=()),
        replace(HUB, state=HubState.ABSENT),
        replace(HUB, shares=()),
    ):
        assert desired(rules(hub), "test", "prod") == (), hub
    assert desired(withdrawn(rules()), "test", "prod") == ()


def test_it_waits_while_the_hub_is_open_for_whom_it_is_not_for() -> None:
    (test,) = desired(rules(replace(HUB, shares=(HubShare(stage="test"),))), "dev", "test")
    assert test.content is not None

    def open_for(stage: str, *accounts: str) -> Grant:
        return Grant(stage=stage, accounts=accounts, write=True, permission="hub", since=at(0))

    assert others(test.target, test.content, ()) is None
    assert others(test.target, test.content, (open_for("test", TEST),)) is None
    for grant in (open_for("prod", PROD), open_for("prod"), open_for("test", TEST, DEV)):
        found = others(test.target, test.content, (open_for("test", TEST), grant))
        assert found is not None, grant
        assert found.code == "HubOpenForOthers"


def test_it_is_in_no_hub_of_another_audience() -> None:
    assert desired(rules(audiences=(TEAM,)), "test", "prod")
    apart = (replace(TEAM, hubs=("theirs",)), OTHERS)
    assert desired(rules(audiences=apart), "test", "prod") == ()
    nobodys = (replace(TEAM, hubs=("theirs",)),)
    assert desired(rules(audiences=nobodys), "test", "prod") == ()


def test_of_several_containers_no_address_is_said() -> None:
    (first, _) = desired(rules(), "test", "prod", containers=(CONTAINER, CONTAINER))
    assert first.content is not None
    assert (first.content.image, first.content.data) == ("", "")


def test_it_goes_where_one_of_the_hubs_stages_does_not_open_after_all() -> None:
    both = desired(rules(), "test", "prod")
    assert whole(both) == both
    assert whole(both[:1]) == ()
    entitled = Entitled(entitlements=(Entitlement(stage="test", write=False), Entitlement(stage="prod", write=False)))
    opened = package_plan(
        a_basis(rules(), subject=the_package_subject()), Observed(package=a_package(), entitled=entitled, desired=both)
    )
    assert [change.line() for change in opened.changes] == [
        "open private hub own-models of 111122223333: model churn 1.0.3 for test, prod"
    ]
    view = View(grants=opened.record.grants, written={both[0].target.id: "x"})
    basis = a_basis(rules(), view, subject=the_package_subject())
    closed = package_plan(basis, Observed(package=a_package(), entitled=entitled, desired=both[:1]))
    (change,) = closed.changes
    assert isinstance(change, CloseTarget)
    assert closed.record.grants == ()


def test_a_hub_that_is_shared_with_others_is_put_on_record_anew() -> None:
    entitled = Entitled(entitlements=(Entitlement(stage="test", write=False), Entitlement(stage="prod", write=False)))
    both = desired(rules(), "test", "prod")
    first = package_plan(
        a_basis(rules(), subject=the_package_subject()), Observed(package=a_package(), entitled=entitled, desired=both)
    )
    fewer = rules(replace(HUB, shares=(HubShare(stage="prod"),)))
    view = View(grants=first.record.grants, written={both[0].target.id: "x"})
    wanted = desired(fewer, "test", "prod")
    then = package_plan(
        a_basis(fewer, view, subject=the_package_subject()),
        Observed(package=a_package(), entitled=entitled, desired=wanted),
    )
    (change,) = then.changes
    assert isinstance(change, OpenTarget)
    assert change.content is not None
    assert change.content.stages == ("prod",)
    assert [grant.stage for grant in then.record.grants] == ["prod"]
