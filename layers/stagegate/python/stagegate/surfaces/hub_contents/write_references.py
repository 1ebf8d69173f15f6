"""The references in a private hub: one call writes one, and there may be thousands."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from botocore.exceptions import ClientError

from stagegate.aws.errors import code_of, translated
from stagegate.core.errors import HubFullError, NotSettledError, PermanentError, RefusedError, StagegateError
from stagegate.core.untrusted import reason
from stagegate.rules.names import hub_name
from stagegate.surfaces.hub_contents.changes import ALL_VERSIONS, LIVE, Done, Floor, SetReferences, public_arn
from stagegate.surfaces.hub_contents.observe import reference

if TYPE_CHECKING:
    from mypy_boto3_sagemaker import SageMakerClient
    from mypy_boto3_sagemaker.type_defs import CreateHubContentReferenceRequestTypeDef

PERMISSIONS = frozenset(
    {
        "s3:GetObject",
        "s3:GetObjectTagging",
        "s3:ListBucket",
        "sagemaker:CreateHubContentReference",
        "sagemaker:DeleteHubContentReference",
        "sagemaker:DescribeHubContent",
        "sagemaker:UpdateHubContentReference",
    }
)
"""Those of S3 are SageMaker's: it reads the public models' bucket as whoever makes a reference.

https://docs.aws.amazon.com/sagemaker/latest/dg/jumpstart-curated-hubs-admin-guide.html
"""

WRITERS = 4
"""References that are written at the same time. SageMaker's rate isn't documented; it asks for less when it has to."""

Write: TypeAlias = Callable[[], bool]
"""Makes one reference as it should be, and tells whether it had to."""


def set_references(sagemaker: "SageMakerClient", change: SetReferences) -> Done:
    """Write references, several at a time, and return how many had to be written.

    Each of the three groups is finished before the next. In one, everything is tried whatever else fails; then the
    first error is raised that trying again can't mend, or the first that it can. Doing it again does what is left.
    Raises HubFullError where the hub takes no more.
    """
    hub = change.hub_arn
    return Done(
        removed=_all(partial(_remove, sagemaker, hub, name) for name in change.remove),
        changed=_all(partial(_change, sagemaker, hub, *pair) for pair in _pairs(change.change)),
        added=_all(partial(_add, sagemaker, hub, *pair) for pair in _pairs(change.add)),
    )


def _all(writes: Iterable[Write]) -> int:
    with ThreadPoolExecutor(WRITERS) as writers:
        results = list(writers.map(_tried, writes))
    failed = [result for result in results if isinstance(result, StagegateError)]
    for error in sorted(failed, key=lambda error: not isinstance(error, PermanentError)):
        raise error
    return sum(result is True for result in results)


def _tried(write: Write) -> bool | StagegateError:
    try:
        return write()
    except StagegateError as error:
        return error


def _remove(sagemaker: "SageMakerClient", hub_arn: str, name: str) -> bool:
    with translated(f"remove {name} from {hub_arn}"):
        try:
            sagemaker.delete_hub_content_reference(
                HubName=hub_name(hub_arn), HubContentType="ModelReference", HubContentName=name
            )
        except ClientError as error:
            if code_of(error) == "ResourceNotFound":
                return False
            raise
    return True


def _change(sagemaker: "SageMakerClient", hub_arn: str, name: str, minimum: str | None) -> bool:
    with translated(f"give {name} in {hub_arn} the minimum {minimum or ALL_VERSIONS}"):
        try:
            sagemaker.update_hub_content_reference(
                HubName=hub_name(hub_arn),
                HubContentType="ModelReference",
                HubContentName=name,
                MinVersion=minimum or ALL_VERSIONS,
            )
        except ClientError as error:
            if code_of(error) == "ResourceInUse":
                raise NotSettledError(f"{name} in {hub_arn}: SageMaker is still at work on it") from error
            raise
    return True


def _add(sagemaker: "SageMakerClient", hub_arn: str, name: str, minimum: str | None) -> bool:
    """Make a reference. One that is there may be an earlier attempt's, or one that is on its way out."""
    request: CreateHubContentReferenceRequestTypeDef = {
        "HubName": hub_name(hub_arn),
        "SageMakerPublicHubContentArn": public_arn(hub_arn, name),
        "HubContentName": name,
    }
    if minimum:
        request["MinVersion"] = minimum
    with translated(f"add {name} to {hub_arn}"):
        try:
            sagemaker.create_hub_content_reference(**request)
        except ClientError as error:
            match code_of(error):
                case "ResourceInUse":
                    return _is_there(sagemaker, hub_arn, name, minimum)
                case "ResourceLimitExceeded":
                    said = error.response.get("Error", {}).get("Message", "")
                    raise HubFullError(
                        f"{hub_arn}: no room for {name}: {reason(said)}; allowed: a higher quota for references in a"
                        " hub, or rules that let fewer models in"
                    ) from error
            raise
    return True


def _is_there(sagemaker: "SageMakerClient", hub_arn: str, name: str, minimum: str | None) -> bool:
    found = reference(sagemaker, hub_name(hub_arn), name)
    if found is None or found.status not in LIVE:
        raise NotSettledError(f"{name} in {hub_arn}: the one before it is still on its way out")
    if found.target != public_arn(hub_arn, name):
        raise RefusedError(f"{name} in {hub_arn}: found a reference to {found.target}, made during this run")
    if found.minimum is not None and found.minimum != (minimum or ALL_VERSIONS):
        return _change(sagemaker, hub_arn, name, minimum)
    return False


def _pairs(floors: Iterable[Floor]) -> Iterator[tuple[str, str | None]]:
    return ((name, floor.minimum) for floor in floors for name in floor.names)
