"""Guardrails in the embedded organization: what people in Canvas may do before, behind and after one."""

import json
from collections.abc import Iterator

import pytest

from sandbox.kernel.wire.transport import client
from sandbox.stagegate.organization import ROOT
from tests.integration.guardrails.guardrail_environment import (
    ALL,
    BESIDE,
    DEV,
    GOVERNANCE,
    LIVE,
    PROD,
    TESTER,
    GuardrailEnvironment,
    boundary,
    scp,
)
from tests.integration.guardrails.guardrail_environment import environment as an_environment
from tests.support.authorization import document, may
from tests.support.fixtures import without

OWN = frozenset({"deploy own"})
GUARDED = ("Canvas", "Canvas-analyst", "Canvas-tester")
EVERYTHING = 'public_hub = "deny"\nbedrock = { deny = ["*"] }\njumpstart = { deny = ["*"] }'


def rules(environment: GuardrailEnvironment) -> tuple[str, ...]:
    """A guardrail for each test: each can be withdrawn without the others."""
    return (
        boundary("canvas", domain=environment.canvas.domain_id, takes=f'{EVERYTHING}\ndirect_deployment = "off"'),
        boundary("beside", domain=environment.beside.domain_id),
        boundary("role", roles=f'"{TESTER}"', takes=EVERYTHING),
        scp("live", PROD, GOVERNANCE, takes='public_hub = "deny"'),
    )


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GuardrailEnvironment]:
    with an_environment(tmp_path_factory.mktemp("settings"), rules) as found:
        yield found


def codes(said: dict[str, list[dict[str, str]]]) -> list[str]:
    return [finding["code"] for finding in said["findings"]]


def untagged(environment: GuardrailEnvironment, name: str) -> None:
    """Somebody in the management account takes our tag off a policy, without which we may not change it."""
    organizations = environment.admin("organizations", "management")
    policies = organizations.list_policies(Filter="SERVICE_CONTROL_POLICY")["Policies"]
    (id_,) = [policy["Id"] for policy in policies if policy["Name"] == name]
    organizations.untag_resource(ResourceId=id_, TagKeys=["stagegate:resource-type"])


def test_a_domain_s_users_are_kept_from_what_is_denied_and_nobody_else_is(environment: GuardrailEnvironment) -> None:
    environment.clear("canvas")
    analyst = environment.canvas.roles["analyst"]
    assert (environment.may(analyst), environment.may(BESIDE)) == (ALL, ALL)
    shown = environment.governs("canvas", mode="plan")
    assert (shown["outcome"], environment.may(analyst)) == ("changes", ALL)
    domain = environment.canvas.domain_id
    assert shown["would_change"] == [
        f"guardrail canvas in {DEV}: write its policy and make it the boundary of {', '.join(GUARDED)}",
        f"set Canvas's direct deployment of domain {domain} of {DEV} to DISABLED",
        f"set Canvas's direct deployment of user profile analyst of domain {domain} of {DEV} to DISABLED",
        f"set Canvas's direct deployment of user profile tester of domain {domain} of {DEV} to DISABLED",
    ]
    manual = json.loads((ROOT / "events" / "manual_guardrail.json").read_text())
    done = environment.governs(**manual)
    assert (done["changed"], codes(done)) == (shown["would_change"], [])
    assert [environment.may(environment.canvas.roles[user]) for user in ("", "analyst", "tester")] == [OWN] * 3
    assert environment.may(BESIDE) == ALL
    default = environment.admin("sagemaker", "dev").describe_domain(DomainId=domain)["DefaultUserSettings"]
    assert default == {
        "ExecutionRole": environment.canvas.roles[""],
        "CanvasAppSettings": {
            "WorkspaceSettings": {"S3ArtifactPath": "s3://canvas/"},
            "DirectDeploySettings": {"Status": "DISABLED"},
        },
    }
    assert environment.governs("canvas")["changed"] == []


def test_what_can_t_be_covered_is_told_and_what_was_changed_by_manual_run_is_put_right(
    environment: GuardrailEnvironment,
) -> None:
    environment.clear("beside")
    iam = environment.admin("iam", "dev")
    theirs = iam.create_policy(PolicyName="theirs", PolicyDocument=document(may("*")))["Policy"]["Arn"]
    iam.put_role_permissions_boundary(RoleName="Beside-other", PermissionsBoundary=theirs)
    said = environment.governs("beside")
    assert codes(said) == ["ProfileUncovered", "DirectDeployment", "BedrockWaysRound"]
    assert said["findings"][0]["detail"] == (
        f"Guardrail beside isn't on role Beside-other (user profile other of domain {environment.beside.domain_id}) of"
        f" {DEV}: found the boundary {theirs}, which is left alone."
    )
    assert [environment.boundary(role) for role in ("Beside", "Beside-other")] == [
        "stagegate-guardrail-beside",
        "theirs",
    ]
    iam.delete_role_permissions_boundary(RoleName="Beside-other")
    iam.delete_policy(PolicyArn=theirs)
    ours = f"arn:aws:iam::{DEV}:policy/stagegate/stagegate-guardrail-beside"
    iam.create_policy_version(PolicyArn=ours, PolicyDocument=document(may("*")), SetAsDefault=True)
    assert environment.governs("beside")["changed"] == [
        f"guardrail beside in {DEV}: write its policy and make it the boundary of Beside-other"
    ]
    assert environment.may(BESIDE) == ALL - {"Claude"}


def test_accounts_are_guarded_by_service_control_policy_but_for_the_sync_roles(
    environment: GuardrailEnvironment,
) -> None:
    environment.clear("live")
    assert environment.governs("live")["changed"] == [
        f"guardrail live: write its service control policy and put it on {GOVERNANCE}, {PROD}"
    ]
    assert environment.may(LIVE) == ALL - {"list public hub", "read weights"}
    plan = client("iam", GOVERNANCE).get_role(RoleName="stagegate-plan")["Role"]["Arn"]
    organizations = environment.admin("organizations", "management")
    found = next(
        each
        for each in organizations.list_policies(Filter="SERVICE_CONTROL_POLICY")["Policies"]
        if each["Name"] == "stagegate-guardrail-live"
    )
    content = json.loads(organizations.describe_policy(PolicyId=found["Id"])["Policy"]["Content"])
    assert all(plan in statement["Condition"]["ArnNotEquals"]["aws:PrincipalArn"] for statement in content["Statement"])
    assert environment.governs("live")["changed"] == []


@pytest.mark.parametrize(
    ("account", "role", "sid"),
    [
        ("governance", "stagegate-apply-boundary", "EnterMembers"),
        ("governance", "stagegate-apply-boundary", "MarkAccounts"),
        ("dev", "stagegate-member-boundary", "ReadGuardedRoles"),
        ("dev", "stagegate-member-boundary", "SetBoundary"),
        ("dev", "stagegate-member-boundary", "WriteGuardrails"),
        ("dev", "stagegate-member-canvas", "SetCanvas"),
        ("dev", "stagegate-member-observe", "FindDomains"),
        ("dev", "stagegate-member-observe", "ReadDomains"),
        ("dev", "stagegate-member-observe", "ReadProfiles"),
        ("dev", "stagegate-member-observe", "ReadGuardedRoles"),
        ("dev", "stagegate-member-observe", "ReadGuardrails"),
    ],
)
def test_a_missing_statement_is_noticed(environment: GuardrailEnvironment, account: str, role: str, sid: str) -> None:
    environment.clear("canvas")
    with without(environment, (role, sid), account=account):
        run = environment.run("canvas")
    assert run.status == "FAILED" or {"ProfileUncovered", "AccountUnseen"} & {*codes(json.loads(str(run.output)))}


def test_a_boundary_that_would_lock_a_role_out_isnt_set(environment: GuardrailEnvironment) -> None:
    s3 = environment.admin("s3", "dev")
    s3.create_bucket(Bucket="weights-of-dev")
    operator, session = f"arn:aws:iam::{PROD}:role/ModelOperator", f"arn:aws:sts::{PROD}:assumed-role/ModelOperator/me"
    deny = {"Sid": "Theirs", "Effect": "Deny", "NotPrincipal": {"AWS": [PROD, operator, session]}}
    statement = {**deny, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::weights-of-dev/*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    s3.put_bucket_policy(Bucket="weights-of-dev", Policy=policy)
    bucket = f'[[buckets]]\nname = "weights-of-dev"\naccount = "{DEV}"\n'
    environment.rules(*rules(environment), boundary("locked", roles=f'"{operator}"'), bucket)

    said = environment.governs("locked")
    assert (said["changed"], codes(said)[0]) == ([], "RoleLockedOut")
    assert f"statement Theirs in the policy of bucket weights-of-dev of {DEV}" in said["findings"][0]["detail"]
    assert environment.boundary("ModelOperator", "prod") == ""

    s3.delete_bucket_policy(Bucket="weights-of-dev")
    environment.governs("locked")
    assert environment.boundary("ModelOperator", "prod") == "stagegate-guardrail-locked"
    environment.rules(*rules(environment))
    environment.governs("locked")
    assert environment.boundary("ModelOperator", "prod") == ""


def test_a_guardrail_that_nobody_knows_is_told(environment: GuardrailEnvironment) -> None:
    said = environment.governs("canvsa")
    assert (said["outcome"], codes(said)) == ("unchanged", ["NotInRules"])


@pytest.mark.parametrize("name", ["Canvas", "canvas/", "", "a" * 33])
def test_a_name_that_is_none_is_refused(environment: GuardrailEnvironment, name: str) -> None:
    run = environment.run(name)
    assert (run.status, run.error) == ("FAILED", "InputError")
    assert '"guardrail/NAME"' in str(run.cause)


def test_rules_that_change_take_off_what_they_no_longer_have_and_never_before_the_new_stands(
    environment: GuardrailEnvironment,
) -> None:
    for name in ("canvas", "beside", "live"):
        environment.clear(name)
        environment.governs(name)
    environment.organization.faults.crash("stagegate-record", "before", times=100)
    assert environment.run("role").status == "FAILED"  # and nothing of it is on record but that it has begun
    environment.organization.faults.clear()
    assert environment.boundary("ModelTester", "test") == "stagegate-guardrail-role"

    # One takes the place of another, one is put on in another way, one leaves an account, one is withdrawn.
    environment.rules(
        boundary("studio", domain=environment.canvas.domain_id, takes=EVERYTHING),
        scp("beside", DEV),
        scp("live", PROD, takes='public_hub = "deny"'),
    )
    said = environment.governs("canvas")
    assert (said["changed"], codes(said)) == ([], ["HandedOver", "NotInRules"])
    assert environment.boundary("Canvas-analyst") == "stagegate-guardrail-canvas"
    environment.governs("studio")
    assert environment.boundary("Canvas-analyst") == "stagegate-guardrail-studio"
    assert environment.governs("canvas")["changed"] == [f"guardrail canvas in {DEV}: delete its policy"]
    assert environment.governs("beside")["changed"] == [
        f"guardrail beside: write its service control policy and put it on {DEV}",
        f"guardrail beside in {DEV}: take it off Beside, Beside-other and delete its policy",
    ]
    assert environment.governs("live")["changed"] == [
        "guardrail live: write its service control policy",
        f"guardrail live: take it off {GOVERNANCE}",
    ]
    # Its last run had failed, so the sweep after the deployment has seen to it already.
    assert not environment.boundary("ModelTester", "test")
    assert environment.governs("role")["changed"] == []

    environment.rules()
    for role, name in (("stagegate-apply-boundary", "studio"), ("stagegate-apply-fence", "live")):
        with without(environment, (role, "AskForClaim")):  # nothing comes off while nobody says whose claim it is
            assert environment.run(name).status == "FAILED"
    untagged(environment, "stagegate-guardrail-live")
    for name in ("studio", "beside", "live"):
        said = environment.governs(name)
        assert (codes(said), said["access"]) == (["NotInRules"], [])
    assert [environment.may(role) for role in (environment.canvas.roles["analyst"], BESIDE, LIVE)] == [ALL] * 3
    assert (environment.standing(), environment.marks()) == (set(), [])
    heard = len(environment.organization.outbox)
    assert [environment.governs(name)["changed"] for name in ("studio", "live", "role")] == [[], [], []]
    assert len(environment.organization.outbox) == heard
