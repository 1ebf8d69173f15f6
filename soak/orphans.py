"""What carries our prefix and belongs to no subject; and what is left once everything is withdrawn.

Whoever looks here knows only names: every bucket, repository, group, key, share and policy of every account.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from botocore.exceptions import ClientError

from sandbox.kernel.clock import clock
from soak.histories import always, judge
from soak.histories.cards import Card
from soak.histories.packages import Package
from soak.histories.world import World
from soak.histories.wrong import WrongError
from soak.planted import plant
from soak.simulation import organization
from soak.simulation.copies import Report, copied

_OURS = "stagegate"
_MOST_SWEEPS = 4
"""Fences wait for the last card, and empty shares for the run of their account."""
_A_WHILE_S = 1_000.0


@dataclass(frozen=True, slots=True)
class Orphans:
    """How many were planted, and taken back or reported by a sweep; what was open, and what a withdrawal has left."""

    planted: int
    found: int
    were_open: int
    left: tuple[str, ...]
    wrong: tuple[str, ...]
    kinds: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    """By the kind of target: how many were found, and how many were planted."""


def orphans(world: World) -> Orphans:
    """Plant what nobody wants under our name, sweep, and withdraw everything; in a copy of the process."""
    (report,) = copied(partial(_orphans, world))
    if "died" in report:
        return Orphans(1, 0, 0, (), (report["died"],))
    kinds = {kind: (found, planted) for kind, (found, planted) in report["found"].items()}
    planted, found = (sum(each[which] for each in kinds.values()) for which in (1, 0))
    return Orphans(planted, found, report["open"], tuple(report["left"]), tuple(report["wrong"]), kinds)


def _orphans(world: World) -> Iterator[Report]:
    organization.seed(1)
    card, package = Card(world, "open"), Package(world, "soak-open")
    card.create("owner", "Approved", risk="Low", filled=True)
    package.make_group("owner")
    world.rest()
    package.register("developer", "PendingManualApproval")
    world.rest()
    package.set("approver", "Approved")
    world.rest()
    clock.advance(_A_WHILE_S)
    planted = plant(world, card, package)
    world.sweep()
    world.rest()
    found = {each.kind: (each.planted - each.left(), each.planted) for each in planted}
    wrong = [*_wrong(world, judge.card, card, judge.Counts()), *_wrong(world, judge.package, package, judge.Counts())]
    were_open = len(list(ours(world)))
    _withdraw(world)
    left = list(ours(world))
    left += [f"{account} sees the card" for account in world.organization.accounts.values() if _sees(card, account)]
    wrong += [*_wrong(world, always.foreign), *_wrong(world, always.claims)]
    yield {"found": found, "open": were_open, "left": left, "wrong": wrong}


def _withdraw(world: World) -> None:
    """As docs/remove.md says it: see what would close, confirm it, and sweep until nothing is left to close."""
    shown = world.start("SweepStateMachine", {"mode": "withdraw"})
    world.rest()
    world.start("SweepStateMachine", {"sweep": json.loads(shown.output or "{}")["sweep"]})
    for _ in range(_MOST_SWEEPS):
        world.rest()
        clock.advance(_A_WHILE_S)
        world.sweep()
        world.rest()
        if not any(ours(world)):
            return


def ours(world: World) -> Iterator[str]:
    """Everything under our name that grants or denies anything, in every account."""
    for account in dict.fromkeys(world.organization.accounts.values()):
        for name in _statements(world, account):
            yield f"{account}: {name}"
        shares = world.admin("ram", account).get_resource_shares(resourceOwner="SELF")["resourceShares"]
        named = [each["name"] for each in shares if each["status"] == "ACTIVE" and each["name"].startswith(_OURS)]
        yield from (f"{account}: share {name}" for name in named)
        kms = world.admin("kms", account)
        for key in kms.list_keys()["Keys"]:
            grants = kms.list_grants(KeyId=key["KeyId"])["Grants"]
            named = [each["Name"] for each in grants if each.get("Name", "").startswith(_OURS)]
            yield from (f"{account}: grant {name}" for name in named)
    organizations = world.admin("organizations", world.organization.accounts["management"])
    for policy in organizations.list_policies(Filter="SERVICE_CONTROL_POLICY")["Policies"]:
        if policy["Name"].startswith(_OURS):
            yield f"service control policy {policy['Name']}"


def _statements(world: World, account: str) -> Iterator[str]:
    s3, ecr, sagemaker = (world.admin(service, account) for service in ("s3", "ecr", "sagemaker"))
    documents: dict[str, Callable[[], Any]] = {
        f"bucket {each['Name']}": partial(_policy, s3.get_bucket_policy, "Policy", Bucket=each["Name"])
        for each in s3.list_buckets()["Buckets"]
    }
    documents |= {
        f"repository {each['repositoryName']}": partial(
            _policy, ecr.get_repository_policy, "policyText", repositoryName=each["repositoryName"]
        )
        for each in ecr.describe_repositories()["repositories"]
    }
    documents |= {
        f"group {each['ModelPackageGroupName']}": partial(
            _policy,
            sagemaker.get_model_package_group_policy,
            "ResourcePolicy",
            ModelPackageGroupName=each["ModelPackageGroupName"],
        )
        for each in sagemaker.list_model_package_groups()["ModelPackageGroupSummaryList"]
    }
    for name, read in documents.items():
        sids = [each.get("Sid", "") for each in json.loads(read()).get("Statement", [])]
        yield from (f"{name}: {sid}" for sid in sids if sid.lower().startswith(_OURS))


def _policy(read: Callable[..., Any], member: str, **of: str) -> str:
    try:
        return str(read(**of)[member])
    except ClientError:
        return "{}"


def _sees(card: Card, account: str) -> bool:
    return account != card.arn.split(":")[4] and any(
        card.may(account, role, "DescribeModelCard") for role in ("ModelDeveloper", "ModelTester", "ModelOperator")
    )


def _wrong(world: World, check: Callable[..., None], *about: Any) -> list[str]:  # Any: what that check looks at
    try:
        check(world, *about)
    except WrongError as wrong:
        return [str(wrong)]
    return []
