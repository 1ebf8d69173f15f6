"""Rules that name what the stack wasn't deployed for are refused before anything is planned."""

from dataclasses import replace

import pytest

from stagegate.aws.environment import Environment
from stagegate.core.errors import SettingsError
from stagegate.rules.audiences import Audience
from stagegate.rules.checks import stack
from stagegate.rules.guardrails import Access, Domain, Guardrail, GuardrailKind
from stagegate.rules.imports import Import, Registration
from stagegate.rules.model import Approvers, Bucket, Organization, Rules, Stage
from tests.support.builders import DEV, GOVERNANCE, PROD, some_rules

ELSEWHERE = "555566667777"
BOUNDARY = Guardrail(name="canvas", by=GuardrailKind.BOUNDARY, public_hub=Access.DENY)
OURS = ("stagegate-plan",)
REGISTERING = Registration(stage="dev", groups=("churn",))
SCP = Guardrail(name="prod", by=GuardrailKind.SCP, accounts=(PROD, GOVERNANCE), public_hub=Access.DENY)


def role(name: str, account: str = DEV) -> str:
    return f"arn:aws:iam::{account}:role/{name}"


def check(environment: Environment, *guardrails: Guardrail) -> None:
    stack.check(replace(some_rules(), guardrails=guardrails), environment)


def test_guardrails_in_the_stack_s_accounts_pass(environment: Environment) -> None:
    check(environment, replace(BOUNDARY, roles=(role("Canvas"),), domains=(Domain(account=PROD),)), SCP)


def test_approvers_are_of_accounts_that_something_else_names(environment: Environment) -> None:
    """Whoever has no member stack forwards no record: they would never count."""
    theirs = replace(some_rules(), approvers=(Approvers(stage="prod", principals=(role("Approver", ELSEWHERE),)),))
    with pytest.raises(SettingsError, match=f"approvers.prod.principals: found {role('Approver', ELSEWHERE)}; allowed"):
        stack.check(theirs, environment)
    stack.check(replace(theirs, organization=Organization(id="o-1", accounts=(ELSEWHERE,))), environment)
    stack.check(replace(theirs, buckets=(Bucket(name="theirs", account=ELSEWHERE),)), environment)


def test_owners_whose_models_arent_governed_are_refused(environment: Environment) -> None:
    ours = Audience(name="ours", owners=(GOVERNANCE,))
    stack.check(replace(some_rules(), audiences=(ours,)), environment)
    with pytest.raises(SettingsError) as caught:
        stack.check(replace(some_rules(), audiences=(replace(ours, owners=(GOVERNANCE, DEV)),)), environment)
    assert f"audiences.ours.owners: found {DEV}; allowed: {GOVERNANCE}, the governance account" in str(caught.value)


@pytest.mark.parametrize(
    ("guardrail", "said"),
    [
        (replace(BOUNDARY, roles=(role("Canvas", GOVERNANCE),)), f"found {role('Canvas', GOVERNANCE)}"),
        (
            replace(BOUNDARY, domains=(Domain(account=GOVERNANCE),)),
            f"guardrails.canvas.domains: found {GOVERNANCE}; allowed: an account other than the governance",
        ),
        (
            replace(BOUNDARY, roles=(role("stagegate-member-share"),)),
            f"guardrails.canvas.roles: found {role('stagegate-member-share')}, a role of Stagegate; allowed: roles that"
            " users work with",
        ),
        (replace(BOUNDARY, roles=(role("path/stagegate-member-share"),)), "a role of Stagegate"),
    ],
)
def test_others_are_refused(environment: Environment, guardrail: Guardrail, said: str) -> None:
    with pytest.raises(SettingsError) as caught:
        check(environment, guardrail)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        (some_rules(stages=(Stage(name="dev", accounts=(DEV,), roles=("path/stagegate-plan",)),)), "stages.dev.roles"),
        (replace(some_rules(), registrations=(replace(REGISTERING, roles=OURS),)), "registrations.dev.roles"),
        (replace(some_rules(), registrations=(replace(REGISTERING, readers=OURS),)), "registrations.dev.readers"),
        (
            replace(some_rules(), imports=(Import(groups=("churn",), stage="prod", consumer="stagegate-plan"),)),
            "imports.prod.consumer",
        ),
    ],
)
def test_roles_of_stagegate_use_no_models(environment: Environment, rules: Rules, said: str) -> None:
    with pytest.raises(SettingsError, match=f"^{said}: found .*stagegate-plan, a role of Stagegate; allowed: roles"):
        stack.check(rules, environment)
