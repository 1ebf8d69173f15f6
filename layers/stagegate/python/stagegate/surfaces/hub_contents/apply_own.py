"""Apply a change of what packages are in a hub: one package's own, or the hub's of several."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from stagegate.core.errors import StagegateError
from stagegate.ledger import targets
from stagegate.surfaces.hub_contents import write_own
from stagegate.surfaces.hub_contents.changes import RemoveOwn
from stagegate.targets.desired import desired_text_of, digest_of, written
from stagegate.targets.target import CloseTarget, OpenTarget, hub_target

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_sagemaker import SageMakerClient

PERMISSIONS = write_own.PERMISSIONS | targets.PERMISSIONS


def apply_to_package(
    sagemaker: "SageMakerClient",
    dynamodb: "DynamoDBClient",
    table: str,
    change: OpenTarget | CloseTarget,
    holder: str,
) -> None:
    """Put a package into a hub, or take it out, and record that.

    What it wants goes on record before the hub is touched, under the hub's lease: so the hub's own run, which takes out
    what no package wants there, sees it. A run that dies half-way leaves on record that what it had there is unknown:
    the next one does it again. Raises LeaseHeldError and ClaimLostError before anything is changed, and what
    `write_own` raises.
    """
    target, desired_text = change.target, desired_text_of(change)
    with targets.lease(dynamodb, table, target.id, holder=holder, now=datetime.now(UTC)):
        before = targets.desired_grants_of(dynamodb, table, target.id).get(change.subject_arn)
        targets.record_desired(
            dynamodb,
            table,
            target.id,
            arn=change.subject_arn,
            desired_text=desired_text,
            holder=holder,
            instead_of=before.carried_out if before else "",
        )
        if isinstance(change, OpenTarget) and change.content:
            write_own.put(sagemaker, target.arn, change.content)
            is_leaving = False
        else:
            is_leaving = write_own.take_out(sagemaker, target.arn, change.subject_arn)
    # SageMaker takes seconds, and other packages' closes wait for the lease.
    if isinstance(change, OpenTarget):
        write_own.wait(sagemaker, target.arn, change.subject_arn)
    elif is_leaving:
        write_own.wait_out(sagemaker, target.arn, change.subject_arn)
    targets.record_written(
        dynamodb,
        table,
        target.id,
        arn=change.subject_arn,
        desired_text=desired_text,
        digest=written(desired_text),
        holder=holder,
    )


def remove_own(
    sagemaker: "SageMakerClient", dynamodb: "DynamoDBClient", table: str, change: RemoveOwn, holder: str
) -> None:
    """Take packages out of a hub, but for those that want something else there than when that was planned.

    Every one is tried; then the first error is raised. Raises LeaseHeldError before anything is changed.
    """
    id_ = hub_target(change.hub_arn).id
    failed: list[StagegateError] = []
    leaving: list[str] = []
    with targets.lease(dynamodb, table, id_, holder=holder, now=datetime.now(UTC)):
        desired_texts = targets.desired_texts(dynamodb, table, id_)
        for content in change.contents:
            if digest_of(desired_texts.get(content.package)) != content.wanted:
                continue
            try:
                if write_own.take_out(sagemaker, change.hub_arn, content.package):
                    leaving.append(content.package)
            except StagegateError as error:
                failed.append(error)
    for package in leaving:
        try:
            write_own.wait_out(sagemaker, change.hub_arn, package)
        except StagegateError as error:
            failed.append(error)
    if failed:
        raise failed[0]
