"""Own events: one role may put them and nothing else, and nothing of Stagegate's starts from one."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from moto.events.models import EventPattern

from sandbox.services import authorizations
from stagegate.aws.environment import Environment
from stagegate.runs.own_events.put import bus_arn
from tests.support.builders import DEV, GOVERNANCE, PROD
from tests.support.evaluators import ALLOWED, EVERYTHING, Question, ours
from tests.support.template_policies import ORGANIZATION, DeployedRole, deployed_roles, resolved

authorizations.register()  # the condition keys that requests may carry

INSIDE, OUTSIDE = ({role.name: role for role in deployed_roles(outside=outside)} for outside in (False, True))
ROLES = sorted(INSIDE)
STRANGER = "999988887777"
MEMBER = {"GovernanceAccountId": GOVERNANCE, "OrganizationId": ORGANIZATION}
HERE = Environment(
    account=GOVERNANCE, region="us-east-1", prefix="stagegate", table="ledger", settings=Path("governance.toml")
)
DEFAULT = f"arn:aws:events:us-east-1:{GOVERNANCE}:event-bus/default"
EXAMPLES = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(Path("events").glob("own_*.json"))]
TEMPLATES = {"template.yaml": {"OrganizationId": ORGANIZATION}, "member-template.yaml": MEMBER}


def bus_of(account: str) -> str:
    """The bus by the name that the code puts events on; in governance's role it stands as a reference."""
    return f"arn:aws:events:us-east-1:{account}:event-bus/OwnEvents" if account == GOVERNANCE else bus(account)


def bus(account: str) -> str:
    return bus_arn(HERE, "aws", account)


def policy_of_a_members_bus(account: str = PROD) -> str:
    resources, resolver = resolved("member-template.yaml", account, MEMBER)
    statement = resolver.resolve(resources["OwnEventsPolicy"]["Properties"]["Statement"])
    return json.dumps({"Version": "2012-10-17", "Statement": [{**statement, "Resource": bus(account)}]})


def may_put(
    role: DeployedRole,
    account: str,
    *sources: str,
    on: str = "",
    organization: str | None = ORGANIZATION,
    identity: str = "",
) -> bool:
    """Whether a role may put entries of these sources on the bus of an account."""
    org = {"aws:ResourceOrgID": organization, "aws:PrincipalOrgID": organization} if organization else {}
    is_members = account != GOVERNANCE and not on
    asked = Question(
        role=role.arn,
        action="events:PutEvents",
        resource=on or bus_of(account),
        account=account,
        context={**({"events:source": list(sources)} if sources else {}), **org},
        identity=identity or role.policy,
        resource_policy=policy_of_a_members_bus(account) if is_members else None,
    )
    return ours(asked) == ALLOWED


def test_the_buses_have_the_names_that_the_code_puts_events_on() -> None:
    names: Mapping[str, str] = {"template.yaml": bus(GOVERNANCE), "member-template.yaml": bus(PROD)}
    for template, arn in names.items():
        resources, resolver = resolved(template, GOVERNANCE, TEMPLATES[template])
        assert arn.endswith(f"event-bus/{resolver.resolve(resources['OwnEvents']['Properties']['Name'])}")


@pytest.mark.parametrize("name", ROLES)
@pytest.mark.parametrize("account", [GOVERNANCE, PROD])
def test_one_role_may_put_own_events(name: str, account: str) -> None:
    assert may_put(INSIDE[name], account, "stagegate") == (name == "stagegate-record")
    assert may_put(OUTSIDE[name], account, "stagegate", organization=None) == (name == "stagegate-record")
    assert not may_put(INSIDE[name], account, "stagegate", on=DEFAULT.replace(GOVERNANCE, account))


@pytest.mark.parametrize("account", [GOVERNANCE, PROD])
@pytest.mark.parametrize("sources", [("aws.sagemaker",), ("stagegate", "another"), ()], ids=str)
def test_it_may_put_no_others(account: str, sources: tuple[str, ...]) -> None:
    """Also where AWS asks once for all entries of a call, and where it doesn't say what they are."""
    assert not may_put(INSIDE["stagegate-record"], account, *sources)


def test_it_may_put_none_outside() -> None:
    role = "stagegate-record"
    assert not may_put(INSIDE[role], STRANGER, "stagegate", organization="o-another00001")
    assert not may_put(INSIDE[role], STRANGER, "stagegate", organization=None)
    assert not may_put(OUTSIDE[role], STRANGER, "stagegate", organization=None)
    assert may_put(OUTSIDE[role], DEV, "stagegate", organization=None)


@pytest.mark.parametrize("name", [name for name in ROLES if name != "stagegate-record"])
def test_a_members_bus_lets_no_other_role_in_whatever_its_own_policies_say(name: str) -> None:
    """But for the account's own, whose policies decide alone."""
    role = INSIDE[name]
    is_own = role.arn.split(":")[4] == DEV
    assert may_put(role, DEV, "stagegate", identity=EVERYTHING) == is_own
    assert not may_put(role, PROD, "stagegate", identity=EVERYTHING)


def rules() -> list[tuple[str, Any]]:
    found = []
    for template, given in TEMPLATES.items():
        resources, resolver = resolved(template, GOVERNANCE, given)
        found += [
            (f"{template}: {name}", resolver.resolve(resource["Properties"]))
            for name, resource in resources.items()
            if resource["Type"] == "AWS::Events::Rule"
        ]
    return found


@pytest.mark.parametrize(("name", "rule"), rules(), ids=lambda each: each if isinstance(each, str) else "")
def test_no_rule_starts_anything_for_an_own_event(name: str, rule: dict[str, Any]) -> None:
    assert "OwnEvents" not in json.dumps(rule.get("EventBusName", ""))
    if "EventPattern" in rule:
        pattern = EventPattern.load(json.dumps(rule["EventPattern"]))
        assert not [each["detail-type"] for each in EXAMPLES if pattern.matches_event(each)]


def test_a_rule_for_own_events_matches_the_examples() -> None:
    """What the page about events says that a pipeline's rule is."""
    pattern = EventPattern.load(json.dumps({"source": ["stagegate"]}))
    assert len([each for each in EXAMPLES if pattern.matches_event(each)]) == len(EXAMPLES) > 4
