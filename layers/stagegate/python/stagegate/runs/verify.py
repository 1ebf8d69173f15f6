"""Verify: look again, and compare with what was planned."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import boto3

from stagegate.aws.config import REPEATABLE
from stagegate.aws.json import from_json, to_json
from stagegate.core.arns import SubjectKind
from stagegate.core.errors import DriftRemainsError, NotSettledError
from stagegate.plans.grants import Grant
from stagegate.plans.plan import Plan
from stagegate.surfaces.hub_contents import observe as observe_hubs
from stagegate.surfaces.hub_contents.changes import LEAVING, holding
from stagegate.surfaces.shares import observe as observe_shares
from stagegate.surfaces.shares.changes import LIVE

if TYPE_CHECKING:
    from mypy_boto3_ram import RAMClient
    from mypy_boto3_sagemaker import SageMakerClient

PERMISSIONS = (observe_shares.PERMISSIONS - {"ram:GetResourceShares"}) | {"sagemaker:ListHubContents"}


def hub_client() -> "SageMakerClient":
    """Return the client that looks at hubs."""
    return boto3.client("sagemaker", config=REPEATABLE)


def verify(
    ram: "RAMClient", request: Mapping[str, Any], sagemaker: "Callable[[], SageMakerClient]" = hub_client
) -> dict[str, Any]:
    """Return the grants of a card or a hub as they are now, each with the share that gives it.

    `request` has `record` (a plan that `needs_verify`) and `results`, what the surfaces answered. Raises
    NotSettledError while RAM is still at work, DriftRemainsError if the subject is in another set of shares than was
    planned, or a hub holds other references.
    """
    plan = from_json(Plan, request["record"])
    if plan.subject.kind is SubjectKind.HUB and plan.content_hash is not None:
        _verify_hub(sagemaker, plan)
    grants = _with_shares(plan.grants, request["results"])
    expected = {grant.share_arn for grant in grants if not grant.target}
    found = {
        arn: status
        for arn, status in observe_shares.associations(ram, plan.subject.arn).items()
        if status in LIVE and arn not in plan.foreign
    }
    if "ASSOCIATING" in found.values():
        raise NotSettledError(f"{plan.subject.arn}: RAM is still associating it")
    if found.keys() != expected:
        raise DriftRemainsError(
            f"{plan.subject.arn}: found in {sorted(found)}; planned: {sorted(str(arn) for arn in expected)}"
        )
    return {"grants": [to_json(grant) for grant in grants]}


def _verify_hub(sagemaker: "Callable[[], SageMakerClient]", plan: Plan) -> None:
    """Compare the names of the references in a hub with those that were planned.

    Raises NotSettledError while some are on their way out, DriftRemainsError if there are others.
    """
    seen = observe_hubs.references(sagemaker(), plan.subject.name)
    if any(reference.status in LEAVING for reference in seen):
        raise NotSettledError(f"{plan.subject.arn}: SageMaker is still removing references")
    if holding(reference.name for reference in seen) != plan.content_hash:
        raise DriftRemainsError(f"{plan.subject.arn}: found {len(seen)} references, and not those that were planned")


def _with_shares(grants: Iterable[Grant], results: Iterable[Mapping[str, Any]]) -> list[Grant]:
    opened = {r["stage"]: r["share_arn"] for r in results if r.get("share_arn")}
    return [
        grant if grant.target else replace(grant, share_arn=opened.get(grant.stage, grant.share_arn))
        for grant in grants
    ]


def client() -> "RAMClient":
    """Return the client that looks at shares."""
    return boto3.client("ram", config=REPEATABLE)
