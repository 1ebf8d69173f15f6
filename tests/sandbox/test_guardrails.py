"""Guardrails in the embedded organization: what people in Canvas may do before, behind and after one."""

import json
from collections.abc import Iterator

import pytest

from sandbox.kernel.transport import client
from sandbox.stagegate.organization import ROOT
from tests.support.authorization import document, may
from tests.support.guardrail_place import ALL, BESIDE, DEV, GOVERNANCE, LIVE, PROD, TESTER, Place, boundary, scp
from tests.support.guardrail_place import place as a_place
from tests.support.scenes import without

OWN = frozenset({"deploy own"})
GUARDED = ("Canvas", "Canvas-analyst", "Canvas-tester")
EVERYTHING = 'public_hub = "deny"\nbedrock = { deny = ["*"] }\njumpstart = { deny = ["*"] }'


def rules(place: Place) -> tuple[str, ...]:
    """A guardrail for each test: each can be withdrawn without the others."""
    return (
        boundary("canvas", domain=place.canvas.domain_id, takes=f'{EVERYTHING}\ndirect_deployment = "off"'),
        boundary("beside", domain=place.beside.domain_id),
        boundary("role", roles=f'"{TESTER}"', takes=EVERYTHING),
        scp("live", PROD, GOVERNANCE, takes='public_hub = "deny"'),
    )


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with a_place(tmp_path_factory.mktemp("settings"), rules) as found:
        yield found


def codes(said: dict[str, list[dict[str, str]]]) -> list[str]:
    return [finding["code"] for finding in said["findings"]]


def test_a_domain_s_users_are_kept_from_what_is_denied_and_nobody_else_is(place: Place) -> None:
    place.clear("canvas")
    analyst = place.canvas.roles["analyst"]
    assert (place.may(analyst), place.may(BESIDE)) == (ALL, ALL)
    shown = place.governs("canvas", mode="plan")
    assert (shown["outcome"], place.may(analyst)) == ("changes", ALL)
    domain = place.canvas.domain_id
    assert shown["would_change"] == [
        f"guardrail canvas in {DEV}: write its policy and make it the boundary of {', '.join(GUARDED)}",
        f"set Canvas's direct deployment of domain {domain} of {DEV} to DISABLED",
        f"set Canvas's direct deployment of user profile analyst of domain {domain} of {DEV} to DISABLED",
        f"set Canvas's direct deployment of user profile tester of domain {domain} of {DEV} to DISABLED",
    ]
    by_hand = json.loads((ROOT / "events" / "by_hand_guardrail.json").read_text())
    done = place.governs(**by_hand)
    assert (done["changed"], codes(done)) == (shown["would_change"], [])
    assert [place.may(place.canvas.roles[user]) for user in ("", "analyst", "tester")] == [OWN] * 3
    assert place.may(BESIDE) == ALL
    default = place.admin("sagemaker", "dev").describe_domain(DomainId=domain)["DefaultUserSettings"]
    assert default == {
        "ExecutionRole": place.canvas.roles[""],
        "CanvasAppSettings": {
            "WorkspaceSettings": {"S3ArtifactPath": "s3://canvas/"},
            "DirectDeploySettings": {"Status": "DISABLED"},
        },
    }
    assert place.governs("canvas")["changed"] == []


def test_what_can_t_be_covered_is_told_and_what_was_changed_by_hand_is_put_right(place: Place) -> None:
    place.clear("beside")
    iam = place.admin("iam", "dev")
    theirs = iam.create_policy(PolicyName="theirs", PolicyDocument=document(may("*")))["Policy"]["Arn"]
    iam.put_role_permissions_boundary(RoleName="Beside-other", PermissionsBoundary=theirs)
    said = place.governs("beside")
    assert codes(said) == ["ProfileUncovered", "DirectDeployment", "BedrockWaysRound"]
    assert said["findings"][0]["detail"] == (
        f"Guardrail beside isn't on role Beside-other (user profile other of domain {place.beside.domain_id}) of {DEV}:"
        f" found the boundary {theirs}, which is left alone."
    )
    assert [place.boundary(role) for role in ("Beside", "Beside-other")] == ["stagegate-guardrail-beside", "theirs"]
    iam.delete_role_permissions_boundary(RoleName="Beside-other")
    iam.delete_policy(PolicyArn=theirs)
    ours = f"arn:aws:iam::{DEV}:policy/stagegate/stagegate-guardrail-beside"
    iam.create_policy_version(PolicyArn=ours, PolicyDocument=document(may("*")), SetAsDefault=True)
    assert place.governs("beside")["changed"] == [
        f"guardrail beside in {DEV}: write its policy and make it the boundary of Beside-other"
    ]
    assert place.may(BESIDE) == ALL - {"Claude"}


def test_accounts_are_guarded_by_service_control_policy_but_for_the_sync_roles(place: Place) -> None:
    place.clear("live")
    assert place.governs("live")["changed"] == [
        f"guardrail live: write its service control policy and put it on {GOVERNANCE}, {PROD}"
    ]
    assert place.may(LIVE) == ALL - {"list public hub", "read weights"}
    plan = client("iam", GOVERNANCE).get_role(RoleName="stagegate-plan")["Role"]["Arn"]
    organizations = place.admin("organizations", "management")
    found = next(
        each
        for each in organizations.list_policies(Filter="SERVICE_CONTROL_POLICY")["Policies"]
        if each["Name"] == "stagegate-guardrail-live"
    )
    content = json.loads(organizations.describe_policy(PolicyId=found["Id"])["Policy"]["Content"])
    assert all(plan in statement["Condition"]["ArnNotEquals"]["aws:PrincipalArn"] for statement in content["Statement"])
    assert place.governs("live")["changed"] == []


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
def test_a_missing_statement_is_noticed(place: Place, account: str, role: str, sid: str) -> None:
    place.clear("canvas")
    with without(place, (role, sid), account=account):
        run = place.run("canvas")
    assert run.status == "FAILED" or "ProfileUncovered" in codes(json.loads(str(run.output)))


def test_a_guardrail_that_nobody_knows_is_told(place: Place) -> None:
    said = place.governs("canvsa")
    assert (said["outcome"], codes(said)) == ("unchanged", ["NotInRules"])


@pytest.mark.parametrize("name", ["Canvas", "canvas/", "", "a" * 33])
def test_a_name_that_is_none_is_refused(place: Place, name: str) -> None:
    run = place.run(name)
    assert (run.status, run.error) == ("FAILED", "InputError")
    assert '"guardrail/NAME"' in str(run.cause)


def test_rules_that_change_take_off_what_they_no_longer_have_and_never_before_the_new_stands(place: Place) -> None:
    for name in ("canvas", "beside", "live"):
        place.clear(name)
        place.governs(name)
    place.organization.faults.crash("stagegate-record", "before", times=100)
    assert place.run("role").status == "FAILED"  # and nothing of it is on record but that it has begun
    place.organization.faults.clear()
    assert place.boundary("ModelTester", "test") == "stagegate-guardrail-role"

    # One takes the place of another, one is put on in another way, one leaves an account, one is withdrawn.
    place.rules(
        boundary("studio", domain=place.canvas.domain_id, takes=EVERYTHING),
        scp("beside", DEV),
        scp("live", PROD, takes='public_hub = "deny"'),
    )
    said = place.governs("canvas")
    assert (said["changed"], codes(said)) == ([], ["HandedOver", "NotInRules"])
    assert place.boundary("Canvas-analyst") == "stagegate-guardrail-canvas"
    place.governs("studio")
    assert place.boundary("Canvas-analyst") == "stagegate-guardrail-studio"
    assert place.governs("canvas")["changed"] == [f"guardrail canvas in {DEV}: delete its policy"]
    assert place.governs("beside")["changed"] == [
        f"guardrail beside: write its service control policy and put it on {DEV}",
        f"guardrail beside in {DEV}: take it off Beside, Beside-other and delete its policy",
    ]
    assert place.governs("live")["changed"] == [
        "guardrail live: write its service control policy",
        f"guardrail live: take it off {GOVERNANCE}",
    ]
    assert place.governs("role")["changed"] == [
        "guardrail role in 333344445555: take it off ModelTester and delete its policy"
    ]

    place.rules()
    for name in ("studio", "beside", "live"):
        said = place.governs(name)
        assert (codes(said), said["access"]) == (["NotInRules"], [])
    assert [place.may(role) for role in (place.canvas.roles["analyst"], BESIDE, LIVE)] == [ALL] * 3
    assert (place.standing(), place.marks()) == (set(), [])
    told = len(place.organization.outbox)
    assert [place.governs(name)["changed"] for name in ("studio", "live", "role")] == [[], [], []]
    assert len(place.organization.outbox) == told
