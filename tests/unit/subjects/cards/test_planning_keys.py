"""Planning an encrypted card: its key goes with its share, and by hand the key's grants are looked at as well."""

import json
from dataclasses import replace
from typing import Any

import pytest

from stagegate.aws.environment import Environment
from stagegate.iam.key_grants import KeyUse
from stagegate.ledger import items
from stagegate.plans.mode import Mode
from stagegate.rules.fence_kind import FenceKind
from stagegate.rules.model import Rules
from stagegate.subjects.cards.key import desired_grants
from stagegate.surfaces.shares import observe
from stagegate.surfaces.shares.changes import CARD_PERMISSION
from stagegate.targets.changes import open_target
from stagegate.targets.desired import desired_text_of, digest_of
from stagegate.targets.target import ACCOUNT_CLOSED
from tests.support.builders import (
    CARD_ARN,
    DEV,
    DRAFT,
    GOVERNANCE,
    PROD,
    TEST,
    a_card,
    a_grant,
    a_stage,
    entitled_to,
    share_arn,
    some_rules,
    the_subject,
    writes,
)
from tests.support.ledger import reads
from tests.support.lost_accounts import CLOSED, ShutMembers, organizations
from tests.support.members import ScriptedMembers
from tests.support.scripted import Answer, Scripted, refusal
from tests.unit.runs.test_planning import IN_DEV, Account, a_view, described

KEY = f"arn:aws:kms:us-east-1:{PROD}:key/0f0e0d0c-0b0a-0908-0706-050403020100"
SEALED = {"SecurityConfig": {"KmsKeyId": KEY}}
RULES = some_rules()
(GRANT,) = desired_grants(RULES, the_subject(), a_card(DRAFT, kms_key=KEY), entitled_to(writes("dev")).entitlements)
OPENED = open_target(the_subject(), GRANT.target, [GRANT])
TEXT = desired_text_of(OPENED)
RECORDED = (
    {
        "stage": "dev",
        "accounts": [DEV],
        "write": True,
        "permission": "decrypt",
        "since": "2026-03-02T12:00:00+00:00",
        "target": GRANT.target.id,
        "digest": GRANT.digest,
    },
    items.item(items.subject_key(CARD_ARN), f"{items.WRITTEN}{GRANT.target.id}", {"digest": digest_of(TEXT)}),
)


def a_sealed_view() -> dict[str, Any]:
    """What is on record once dev has been let at the card and its key."""
    view = items.values(a_view(a_grant("dev", DEV, write=True)))
    grants = [*view["grants"], RECORDED[0]]
    return items.item(items.view_key(CARD_ARN), items.VIEW, {"grants": grants, "last_notified_digest": ""})


def existing(use: KeyUse, **more: Any) -> dict[str, Any]:
    """The grant that gives a use, as KMS shows it."""
    return {
        "GrantId": f"grant-{use.operations[0]}",
        "Name": use.grant_name("stagegate"),
        "GranteePrincipal": use.grantee,
        "Operations": list(use.operations),
        "Constraints": use.constraints,
        **more,
    }


def the_account(
    environment: Environment,
    *found: dict[str, Any],
    card: Answer | None = None,
    ram: dict[str, Answer] | None = None,
    kms: Answer | None = None,
    iam: dict[str, Answer] | None = None,
    rules: Rules = RULES,
    policy: str = '{"Version": "2012-10-17", "Statement": []}',
) -> tuple[Account, ScriptedMembers, Scripted]:
    """An account with the card, the members, and the KMS of the key's account."""
    sealed = card or {**described("Draft"), **SEALED}
    account = Account(environment, card=sealed, ram=ram, rules=rules)
    keys = Scripted(
        "kms",
        ListGrants=kms or {"Grants": []},
        DescribeKey={"KeyMetadata": {"KeyId": KEY.rpartition("/")[2], "KeyState": "Enabled"}},
        GetKeyPolicy={"Policy": policy},
    )
    members = ScriptedMembers(keys, Scripted("iam", **(iam or {})))

    dynamodb = Scripted("dynamodb", **reads(*found))
    account.planner = replace(account.planner, members=members.way_in(), dynamodb=dynamodb.client)
    return account, members, keys


def test_the_key_opens_before_the_share(environment: Environment) -> None:
    account, members, _ = the_account(environment)
    answer = account.plan()
    assert [(c["surface"], c["kind"]) for c in answer["changes"]] == [("policy", "OpenTarget"), ("share", "OpenShare")]
    assert (answer["outcome"], [who for who, _ in members.entered]) == ("changes", [PROD])
    assert f"- dev ({DEV}): read and write; key 0f0e0d0c-0b0a-0908-0706-050403020100 of {PROD}" in (
        answer["message"]["text"].splitlines()
    )


def test_an_event_about_nothing_new_looks_at_no_key(environment: Environment) -> None:
    account, members, _ = the_account(environment, a_sealed_view(), RECORDED[1], ram=IN_DEV)
    assert account.plan()["outcome"] == "unchanged"
    assert account.ram.operations == ["GetResourceShareAssociations"]
    assert members.entered == []


@pytest.mark.parametrize("missing", [0, 1])
def test_a_key_that_isnt_wholly_on_record_is_something_new(environment: Environment, missing: int) -> None:
    """Its grant, or what was written of it: a card that was open before its key was, or a run that died."""
    found = [a_sealed_view(), RECORDED[1]]
    found[missing] = [a_view(a_grant("dev", DEV, write=True)), items.item(items.subject_key(CARD_ARN), "X", {})][
        missing
    ]
    account, _, _ = the_account(environment, *found, ram=IN_DEV)
    assert [change["kind"] for change in account.plan()["changes"]][:1] == ["OpenTarget"]


@pytest.mark.parametrize(
    ("grants", "lines"),
    [
        ([existing(use) for use in OPENED.uses], []),
        ([existing(OPENED.uses[0])], [f"key {KEY.rpartition('/')[2]} of {PROD}: + {OPENED.uses[1]}"]),
        (
            [*(existing(use) for use in OPENED.uses), existing(OPENED.uses[0], GrantId="wide", Constraints={})],
            [f"key {KEY.rpartition('/')[2]} of {PROD}: - grant wide, which Stagegate didn't make so"],
        ),
    ],
)
def test_a_manual_run_looks_at_the_grants_on_the_key(
    environment: Environment, grants: list[dict[str, Any]], lines: list[str]
) -> None:
    account, members, keys = the_account(
        environment, a_sealed_view(), RECORDED[1], ram=IN_DEV, kms={"Grants": grants, "Truncated": False}
    )
    answer = account.plan(mode=Mode.MANUAL)
    assert answer["documents"] == lines
    assert ("OpenTarget" in [change["kind"] for change in answer["changes"]]) is bool(lines)
    assert keys.of("ListGrants") == [{"KeyId": KEY}]
    assert [(who, policy["Statement"]) for who, policy in members.entered] == [
        (PROD, [{"Effect": "Allow", "Action": actions, "Resource": KEY}])
        for actions in (["kms:DescribeKey", "kms:GetKeyPolicy"], ["kms:ListGrants"])
    ]


def test_a_stage_that_the_keys_policy_denies_does_not_see_the_card(environment: Environment) -> None:
    deny = {"Sid": "Theirs", "Effect": "Deny", "Principal": {"AWS": DEV}, "Action": "kms:Decrypt", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": deny})
    account, _, _ = the_account(environment, policy=policy)
    answer = account.plan()
    assert [(each["severity"], each["code"]) for each in answer["record"]["findings"]] == [("block", "ForeignDeny")]
    assert (answer["changes"], answer["record"]["grants"]) == ([], [])


def test_a_stage_that_cant_be_fenced_gets_no_key(environment: Environment) -> None:
    stages = [a_stage("dev", DEV), a_stage("test", TEST, fence=FenceKind.BOUNDARY), a_stage("prod", PROD)]
    role = {
        "Path": "/",
        "RoleName": "Reader",
        "RoleId": "AROAREADERREADERREADE",
        "Arn": f"arn:aws:iam::{TEST}:role/Reader",
        "CreateDate": "2026-03-02T12:00:00Z",
        "PermissionsBoundary": {"PermissionsBoundaryArn": f"arn:aws:iam::{TEST}:policy/theirs"},
    }
    account, _, _ = the_account(
        environment,
        card={**described("PendingReview"), **SEALED},
        iam={"GetRole": {"Role": role}, "GetPolicy": refusal("NoSuchEntity")},
        rules=some_rules(stages=stages),
    )
    answer = account.plan()
    assert {grant["stage"] for grant in answer["record"]["grants"]} == {"dev"}
    (opened,) = [change["change"] for change in answer["changes"] if change["kind"] == "OpenTarget"]
    assert {use["grantee"] for use in opened["uses"]} == {f"arn:aws:iam::{DEV}:root"}


def test_a_key_that_cant_be_opened_closes_the_card(environment: Environment) -> None:
    card = {**described("Draft"), "SecurityConfig": {"KmsKeyId": f"arn:aws:kms:us-east-1:{GOVERNANCE}:alias/cards"}}
    account, _, _ = the_account(environment, a_sealed_view(), RECORDED[1], card=card, ram=IN_DEV)
    answer = account.plan()
    assert answer["record"]["findings"][0]["code"] == "KeyClosed"
    assert answer["lines"][-1] == (
        f"close key {KEY.rpartition('/')[2]} of {PROD}: take out all that this card had there"
    )


@pytest.mark.parametrize(("status", "kinds"), [("Draft", []), ("Archived", ["CloseShare", "CloseTarget"])])
def test_a_key_that_cant_be_looked_at_keeps_no_share_open(
    environment: Environment, status: str, kinds: list[str]
) -> None:
    marks = observe.marks_of("model-card", "dev", CARD_PERMISSION, 0)
    tags = [{"key": name, "value": value} for name, value in marks.items()]
    given = {"permissions": [{"name": CARD_PERMISSION, "resourceType": "sagemaker:ModelCard"}]}
    share = {"resourceShareArn": share_arn("dev-0"), "allowExternalPrincipals": False, "tags": tags}

    def associations(request: Any) -> dict[str, Any]:
        entity = DEV if request["associationType"] == "PRINCIPAL" else CARD_ARN
        found = {"resourceShareArn": share_arn("dev-0"), "associatedEntity": entity, "status": "ASSOCIATED"}
        return {"resourceShareAssociations": [found]}

    account, _, _ = the_account(
        environment,
        a_sealed_view(),
        RECORDED[1],
        card={**described(status), **SEALED},
        ram={
            "GetResourceShares": {"resourceShares": [share]},
            "GetResourceShareAssociations": associations,
            "ListResourceSharePermissions": given,
        },
        kms=refusal("AccessDeniedException"),
    )
    answer = account.plan(mode=Mode.MANUAL)
    assert [change["kind"] for change in answer["changes"]] == kinds
    found = {finding["code"]: finding["detail"] for finding in answer["record"]["findings"]}
    assert GRANT.target.id in found["KeyUnseen"]


def test_a_key_whose_account_is_closed_closes_the_card_and_stays_on_record_as_closed(environment: Environment) -> None:
    account, _, keys = the_account(environment, a_sealed_view(), RECORDED[1], ram=IN_DEV)
    members = ShutMembers(PROD, keys)
    asked = organizations(PROD, CLOSED)
    account.planner = replace(account.planner, members=members.way_in(), organizations=asked.client)
    answer = account.plan(mode=Mode.SWEEP)
    (close,) = [each["change"] for each in answer["changes"] if each["kind"] == "CloseTarget"]
    assert (close["account_closed"], answer["access_after"], answer["unseen"]) == (True, [], [])
    assert answer["record"]["notes"] == {GRANT.target.id: ACCOUNT_CLOSED}
    assert "AccountClosed" in {finding["code"] for finding in answer["record"]["findings"]}
