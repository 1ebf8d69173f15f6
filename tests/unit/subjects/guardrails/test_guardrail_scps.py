"""The plan for a guardrail's service control policy, for Canvas's setting, and the ways round its rules."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from stagegate.plans.grants import View
from stagegate.rules.guardrails import Access, DirectDeployment, Domain, ModelRule
from stagegate.subjects.guardrails.denials.documents import document_of
from stagegate.subjects.guardrails.model import CanvasSetting, ObservedScp
from stagegate.surfaces.guardrails.changes import PutScp, RemoveScp, SetDirectDeployment
from tests.support.builders import DEV, GOVERNANCE, PROD, TEST
from tests.support.guardrails import CANVAS, DOMAIN, ON_DOMAIN, SCP, found, plan


def an_scp(attached: Mapping[str, tuple[str, ...]], document: str | None = None) -> ObservedScp:
    """What is seen where these guardrails are attached to accounts, and `canvas` says that."""
    names = {account: frozenset(f"stagegate-guardrail-{name}" for name in on) for account, on in attached.items()}
    return ObservedScp(policy="p-1" if document else None, document=document, attached=names)


class TestAServiceControlPolicy:
    document = document_of(SCP, "aws")

    def test_is_put_on_the_accounts_that_lack_it(self) -> None:
        seen = an_scp({PROD: ("canvas",), TEST: ()}, self.document)
        made = plan(SCP, scp=seen)
        assert made.changes == (
            PutScp(guardrail="canvas", document=self.document, accounts=(TEST, PROD), missing=(TEST,), policy="p-1"),
        )
        assert [grant.target for grant in made.record.grants] == [f"scp/{TEST}", f"scp/{PROD}"]

    def test_that_stands_is_left_however_it_was_stored(self) -> None:
        stored = json.dumps(json.loads(self.document), indent=2)
        seen = an_scp({PROD: ("canvas",), TEST: ("canvas",)}, stored)
        assert plan(SCP, scp=seen).changes == ()

    def test_that_says_something_else_is_written_again(self) -> None:
        seen = an_scp({PROD: ("canvas",), TEST: ("canvas",)}, self.document.replace("Deny", "Allow"))
        (change,) = plan(SCP, scp=seen).changes
        assert isinstance(change, PutScp)
        assert change.missing == ()

    def test_spares_the_sync_roles_only_on_the_governance_account(self) -> None:
        for accounts, spares in (((PROD,), False), ((PROD, GOVERNANCE), True)):
            (change,) = plan(replace(SCP, accounts=accounts)).changes
            assert isinstance(change, PutScp)
            assert ("role/stagegate-plan" in change.document) is spares

    def test_spares_the_sync_roles_at_the_path_where_they_stand(self) -> None:
        (change,) = plan(replace(SCP, accounts=(GOVERNANCE,)), role_path="/automation/ml/").changes
        assert isinstance(change, PutScp)
        assert "role/automation/ml/stagegate-plan" in change.document
        assert "role/stagegate-" not in change.document

    def test_that_is_to_go_waits_for_the_other_that_is_to_come(self) -> None:
        other = replace(SCP, name="other", accounts=(PROD,))
        here = an_scp({PROD: ("canvas",), TEST: ("canvas",)}, self.document)
        made = plan(other, scp=here)
        assert made.changes == (RemoveScp(guardrail="canvas", accounts=(TEST,), policy="p-1"),)
        assert f"stays on account {PROD} until other is on it" in found(made)["AwaitsOther"]
        assert [grant.accounts for grant in made.record.grants] == [(PROD,)]
        there = an_scp({PROD: ("canvas", "other"), TEST: ("canvas",)}, self.document)
        assert plan(other, scp=there).changes == (
            RemoveScp(guardrail="canvas", accounts=(TEST, PROD), policy="p-1", delete=True),
        )

    def test_that_was_begun_and_is_on_no_account_is_looked_for(self) -> None:
        seen = an_scp({PROD: ()})
        assert plan(scp=seen, view=View(written={f"scp/{PROD}": ""})).changes == (
            RemoveScp(guardrail="canvas", accounts=(PROD,), delete=True),
        )


class TestCanvas:
    def setting(self, profile: str | None, status: str) -> SetDirectDeployment:
        return SetDirectDeployment(
            guardrail="canvas", account=DEV, partition="aws", domain="d-1", profile=profile, status=status
        )

    def test_is_told_where_its_setting_is_on(self) -> None:
        made = plan(replace(ON_DOMAIN, public_hub=Access.LEAVE), domains=(DOMAIN,))
        assert found(made)["DirectDeployment"].startswith(f"Canvas lets its users, bob of domain d-1 of {DEV} deploy")
        off = replace(DOMAIN, canvas=(CanvasSetting(profile=None, direct_deployment="DISABLED"),))
        assert found(plan(replace(ON_DOMAIN, public_hub=Access.LEAVE), domains=(off,))) == {}

    @pytest.mark.parametrize(
        ("rule", "changes"),
        [
            (DirectDeployment.OBSERVE, []),
            (DirectDeployment.ON, []),
            (DirectDeployment.OFF, [(None, "DISABLED"), ("bob", "DISABLED")]),
        ],
    )
    def test_is_switched_where_it_says_something_else(
        self, rule: DirectDeployment, changes: list[tuple[str | None, str]]
    ) -> None:
        made = plan(replace(ON_DOMAIN, public_hub=Access.LEAVE, direct_deployment=rule), domains=(DOMAIN,))
        assert made.changes == tuple(self.setting(*change) for change in changes)

    def test_is_switched_where_the_domain_says_nothing(self) -> None:
        notify = replace(DOMAIN, canvas=(CanvasSetting(profile=None, direct_deployment=None),))
        on = replace(ON_DOMAIN, public_hub=Access.LEAVE, direct_deployment=DirectDeployment.ON)
        assert plan(on, domains=(notify,)).changes == (self.setting(None, "ENABLED"),)

    def test_of_a_domain_that_no_guardrail_is_on_is_left(self) -> None:
        off = replace(
            ON_DOMAIN,
            public_hub=Access.LEAVE,
            direct_deployment=DirectDeployment.OFF,
            domains=(Domain(account=DEV, id="d-2"),),
        )
        assert plan(off, domains=(DOMAIN, replace(DOMAIN, id="d-2"))).changes == tuple(
            replace(self.setting(*each), domain="d-2") for each in ((None, "DISABLED"), ("bob", "DISABLED"))
        )


@pytest.mark.parametrize(
    ("takes", "codes"),
    [
        ({"jumpstart": ModelRule(deny=("*",))}, {"BypassableByTag"}),
        ({"jumpstart": ModelRule(allow=("meta-*",)), "public_hub": Access.DENY}, set()),
        ({"bedrock": ModelRule(deny=("*",))}, set()),
        ({"bedrock": ModelRule(deny=("meta.*",))}, {"BedrockWaysRound"}),
        ({"bedrock": ModelRule(allow=("meta.*",))}, {"BedrockWaysRound"}),
    ],
)
def test_a_rule_that_can_be_got_round_says_so_and_what_is_stronger(takes: dict[str, Any], codes: set[str]) -> None:
    made = plan(replace(CANVAS, **{"public_hub": Access.LEAVE} | takes), boundaries={"Ann": ""})
    assert found(made).keys() == codes
    assert all("Stronger: " in detail for detail in found(made).values())
