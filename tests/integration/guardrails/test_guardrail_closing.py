"""A guardrail that can't go up in one place goes up in all others; the run says where, and the sweep goes on."""

import json
from collections.abc import Iterator
from itertools import combinations
from typing import Any

import pytest

from sandbox.kernel.wire.failures import failures
from sandbox.stagegate.organization import ROOT
from tests.integration.guardrails.guardrail_environment import ALL, DEV, TEST, TESTER, GuardrailEnvironment
from tests.integration.guardrails.guardrail_environment import environment as an_environment

pytestmark = pytest.mark.slow

BREAKS = {
    "dev's roles": ("iam", "PutRolePermissionsBoundary", "AccessDenied", DEV),
    "test's role": ("iam", "PutRolePermissionsBoundary", "AccessDenied", TEST),
    "the domain": ("sagemaker", "UpdateDomain", "AccessDeniedException", DEV),
    "the profiles": ("sagemaker", "UpdateUserProfile", "AccessDeniedException", DEV),
}
LINES = {"dev's roles": 1, "test's role": 1, "the domain": 1, "the profiles": 2}
"""How many changes each breaks: a profile's setting is one."""
SAYS = {"dev's roles": f"in {DEV}", "test's role": f"in {TEST}", "the domain": "domain", "the profiles": "profile"}


def rules(environment: GuardrailEnvironment) -> tuple[str, ...]:
    domain = f'domains = [{{ account = "{DEV}", id = "{environment.canvas.domain_id}" }}]'
    takes = 'bedrock = { deny = ["*"] }\ndirect_deployment = "off"'
    return (f'[[guardrails]]\nname = "canvas"\nby = "boundary"\nroles = ["{TESTER}"]\n{domain}\n{takes}\n',)


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GuardrailEnvironment]:
    with an_environment(tmp_path_factory.mktemp("settings"), rules) as found:
        yield found


def is_open(environment: GuardrailEnvironment) -> list[str]:
    """Where the guardrail isn't, found out by looking."""
    sagemaker, domain = environment.admin("sagemaker", "dev"), environment.canvas.domain_id

    def deploys(settings: dict[str, Any]) -> bool:
        return bool(settings["CanvasAppSettings"]["DirectDeploySettings"]["Status"] == "ENABLED")

    profiles = [
        deploys(sagemaker.describe_user_profile(DomainId=domain, UserProfileName=name)["UserSettings"])
        for name in ("analyst", "tester")
    ]
    found = {
        "dev's roles": environment.may(environment.canvas.roles["analyst"]) == ALL,
        "test's role": environment.boundary("ModelTester", "test") == "",
        "the domain": deploys(sagemaker.describe_domain(DomainId=domain)["DefaultUserSettings"]),
        "the profiles": all(profiles),
    }
    assert all(profiles) == any(profiles)
    return [name for name, is_so in found.items() if is_so]


def sweeps(environment: GuardrailEnvironment) -> int:
    """How much a sweep that begins as those on schedule do has found to close, once all that it starts is over."""
    started = environment.organization.client("stepfunctions", "governance").start_execution(
        stateMachineArn=environment.organization.outputs["SweepStateMachine"],
        input=(ROOT / "events" / "sweep_due.json").read_text(),
    )
    assert environment.organization.settle()
    (run,) = [e for e in environment.organization.executions() if e.execution_arn == started["executionArn"]]
    return int(json.loads(run.output or "{}")["totals"]["to_close"])


@pytest.mark.parametrize("broken", [*combinations(BREAKS, 1), *combinations(BREAKS, 2)], ids=" and ".join)
def test_it_goes_up_wherever_it_can(environment: GuardrailEnvironment, broken: tuple[str, ...]) -> None:
    iam = environment.admin("iam", "test")
    if environment.boundary("ModelTester", "test"):
        iam.delete_role_permissions_boundary(RoleName="ModelTester")
    environment.clear("canvas")
    assert is_open(environment) == list(BREAKS)
    for service, operation, error, account in map(BREAKS.__getitem__, broken):
        failures.plan(service, operation, error, times=20, account=account)
    run = environment.run("canvas")
    failures.clear()
    assert (run.status, run.error) == ("FAILED", "StillOpenError")
    assert is_open(environment) == list(broken)
    said = json.loads(run.cause or "{}")["errorMessage"]
    lines = sum(LINES[each] for each in broken)
    assert len([line for line in said.splitlines() if line.startswith("- ")]) == lines, said
    assert all(SAYS[each] in said for each in broken), said
    assert sweeps(environment) == lines, "what the gauge has, of before the sweep's run puts it up"
    assert is_open(environment) == []
    assert sweeps(environment) == 0
