"""What Stagegate stands on: its rules, the organization, the trail, quotas. Also before a deployment."""

from collections.abc import Iterator
from typing import Any

from stagegate.rules.fence_kind import FenceKind
from stagegate.rules.model import Rules
from stagegate.rules.narrowed.units import units_of
from stagegate_cli import deployed_rules
from stagegate_cli.connection import calling
from stagegate_cli.doctor.check import Examined, Visit
from stagegate_cli.screen import some

ENOUGH = 100
"""Runs that a sweep starts in half a minute: each invokes one function at a time."""
DELEGATED = ("StagegateReadsPolicies", "StagegateReadsAccounts", "StagegateMakesFences", "StagegateFencesAccounts")
"""Statements of organization/delegation-policy.json that fences take."""
ASKED = ("organizations:DescribeAccount", "organizations:ListAccounts")
ASKED_OF_UNITS = ("organizations:ListAccountsForParent", "organizations:ListOrganizationalUnitsForParent")
"""What of it tells who is in the organization, and in the units that the rules name."""


def rules(visit: Visit) -> Iterator[Examined]:
    """Look whether the rules can be read, and whether they are paused."""
    found = visit.rules or deployed_rules.rules(visit.connection, visit.file)
    name = "rules" if visit.file is None else f"rules of {visit.file}"
    mend = "take `paused` out of governance.toml and deploy it"
    fine = f"{some(len(found.stages), 'stage')}, read by this release"
    yield visit.judged(name, "paused: nothing opens, and nothing closes" if found.paused else "", fine=fine, mend=mend)


def organization(visit: Visit) -> Iterator[Examined]:
    """Look whether the organization is the one of the rules, has what fences take, and all accounts of the stages."""
    wanted = visit.rules
    if wanted is None or wanted.organization.id is None:
        yield visit.ok("organization", "the rules name none")
        return
    client = visit.organization.client("organizations")
    with calling("read the organization"):
        found = client.describe_organization()["Organization"]
    problem = "" if found["Id"] == wanted.organization.id else f"{found['Id']}; the rules name {wanted.organization.id}"
    yield visit.judged("organization", problem, fine=found["Id"], mend="set organization.id in governance.toml")
    if any(stage.fence is FenceKind.SCP for stage in wanted.stages):
        yield from _fences(visit, client)
    yield from _delegation(visit, client, wanted)
    yield from _accounts(visit, client)


def _fences(visit: Visit, client: Any) -> Iterator[Examined]:
    with calling("read the organization's root"):
        roots = client.list_roots()["Roots"]
    types = {each["Type"]: each["Status"] for root in roots for each in root.get("PolicyTypes", ())}
    enabled = types.get("SERVICE_CONTROL_POLICY") == "ENABLED"
    yield visit.judged(
        "service control policies",
        "" if enabled else "off: no fence can be put up, and nothing that is only read opens",
        fine="on",
        mend="in the management account: aws organizations enable-policy-type --policy-type SERVICE_CONTROL_POLICY",
    )


def _delegation(visit: Visit, client: Any, wanted: Rules) -> Iterator[Examined]:
    """Look for what fences take, and for each action by which Stagegate asks who is in the organization."""
    with calling("read the delegation", "there is none: merge organization/delegation-policy.json"):
        policy = client.describe_resource_policy()["ResourcePolicy"]["Content"]
    takes = DELEGATED if any(stage.fence is FenceKind.SCP for stage in wanted.stages) else ()
    asks = (*ASKED, *(ASKED_OF_UNITS if units_of(wanted) else ()))
    missing = [sid for sid in takes if sid not in policy] + [each for each in asks if f'"{each}"' not in policy]
    yield visit.judged(
        "delegation",
        f"without {', '.join(missing)}" if missing else "",
        fine="has what fences take, and who is in the organization can be asked",
        mend="in the management account: merge organization/delegation-policy.json",
    )


def _accounts(visit: Visit, client: Any) -> Iterator[Examined]:
    wanted = {account for stage in visit.rules.stages for account in stage.accounts} if visit.rules else set()
    found: dict[str, str] = {}
    with calling("list the organization's accounts"):
        for page in client.get_paginator("list_accounts").paginate():
            found |= {each["Id"]: each.get("State", each.get("Status", "")) for each in page["Accounts"]}
    wrong = [f"{each} is {found.get(each, 'no member')}" for each in sorted(wanted) if found.get(each) != "ACTIVE"]
    mend = "take them out of governance.toml, or into the organization"
    yield visit.judged("accounts of the stages", "; ".join(wrong), fine=f"{len(wanted)}, all active", mend=mend)


def sharing(visit: Visit) -> Iterator[Examined]:
    """Look whether RAM may share within the organization: only its management account can say so."""
    if visit.rules is None or visit.rules.organization.id is None:
        return
    mend = "in the management account: aws ram enable-sharing-with-aws-organization"
    services: list[str] = []
    with calling("ask who may act in the organization"):
        pages = visit.organization.client("organizations").get_paginator("list_aws_service_access_for_organization")
        for page in pages.paginate():
            services += [each["ServicePrincipal"] for each in page["EnabledServicePrincipals"]]
    problem = "" if "ram.amazonaws.com" in services else "off: shares would be sent as invitations"
    yield visit.judged("sharing within the organization", problem, fine="on", mend=mend)


def trail(visit: Visit) -> Iterator[Examined]:
    """Look whether a trail logs management events that write: without, no approval is ever recorded."""
    client = visit.connection.client("cloudtrail")
    with calling("list the trails"):
        trails = client.describe_trails(includeShadowTrails=True)["trailList"]
        logging = [each["Name"] for each in trails if client.get_trail_status(Name=each["TrailARN"])["IsLogging"]]
    problem = "" if logging else "no trail logs here: EventBridge gets no record of calls, and approvals wait for ever"
    yield visit.judged(
        "trail", problem, fine=", ".join(logging), mend="create a trail with management events, read and write"
    )


def concurrency(visit: Visit) -> Iterator[Examined]:
    """Look how many functions may run at once."""
    with calling("read Lambda's limits"):
        limit = visit.connection.client("lambda").get_account_settings()["AccountLimit"][
            "UnreservedConcurrentExecutions"
        ]
    problem = "" if limit >= ENOUGH else f"{limit}, and a large sweep takes {ENOUGH}"
    mend = "aws service-quotas request-service-quota-increase --service-code lambda --quota-code L-B99A9384"
    yield visit.judged("functions at once", problem, fine=f"{limit:,}", mend=f"{mend} --desired-value 1000")
