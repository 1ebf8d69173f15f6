"""Putting packages into private hubs as models, and taking them out."""

import json
import time
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from stagegate.aws.errors import code_of, translated
from stagegate.core.errors import HubFullError, NotSettledError, RefusedError
from stagegate.core.untrusted import reason, word
from stagegate.rules.names import hub_name
from stagegate.surfaces.hub_contents import observe_own
from stagegate.surfaces.hub_contents.changes import LEAVING
from stagegate.targets.hub_content import MARK, SCHEMA_VERSION, HubContent, name_of, version_of

if TYPE_CHECKING:
    from mypy_boto3_sagemaker import SageMakerClient

PERMISSIONS = frozenset(
    {
        "sagemaker:DeleteHubContent",
        "sagemaker:DescribeHubContent",
        "sagemaker:ImportHubContent",
        "sagemaker:ListHubContentVersions",
    }
)

SETTLE_SECONDS = 10.0
"""How long a function waits for SageMaker: after that the state machine tries again, as for hubs."""


def put(sagemaker: "SageMakerClient", hub_arn: str, content: HubContent) -> None:
    """Put a package into a hub. One that is there as it should be stays; one that says something else, or couldn't be
    imported, is deleted and imported anew, as no call changes a document.

    Raises RefusedError where somebody else has the name, HubFullError, and NotSettledError while SageMaker is at work.
    """
    where = f"{content.name} {content.version} in {hub_arn}"
    there = observe_own.found(sagemaker, hub_arn, content.package)
    if there and not there.is_of(content.package):
        raise RefusedError(f"{where}: found a content that isn't this package, which somebody else has put there")
    if there and there.status in LEAVING:
        raise NotSettledError(f"{where}: SageMaker is still deleting the one before it")
    if there and there.is_live and content.is_in(there.document):
        return
    if there:
        _delete(sagemaker, hub_arn, content.package)
    foreign = [version for version, is_own in observe_own.versions(sagemaker, hub_arn, content.name) if not is_own]
    if foreign:
        found = ", ".join(map(word, foreign))
        raise RefusedError(f"{where}: found {found} under the same name, which somebody else has put there")
    with translated(f"put {where}"):
        try:
            sagemaker.import_hub_content(
                HubName=hub_name(hub_arn),
                HubContentType=observe_own.MODEL,
                HubContentName=content.name,
                HubContentVersion=content.version,
                HubContentDisplayName=content.group,
                HubContentDescription=f"Model package {content.package}, kept in step by Stagegate",
                HubContentSearchKeywords=[MARK],
                HubContentDocument=json.dumps(content.document, sort_keys=True),
                DocumentSchemaVersion=SCHEMA_VERSION,
            )
        except ClientError as error:
            match code_of(error):
                case "ResourceInUse":  # by an earlier attempt's, or SageMaker is still at work on the hub or the name
                    raise NotSettledError(f"{where}: SageMaker says that it is in use") from error
                case "ResourceLimitExceeded":
                    said = error.response.get("Error", {}).get("Message", "")
                    raise HubFullError(
                        f"{hub_arn}: no room for {content.name}: {reason(said)}; allowed: a higher quota for contents"
                        " of a hub, or rules that keep fewer packages in it"
                    ) from error
            raise


def wait(sagemaker: "SageMakerClient", hub_arn: str, package: str) -> None:
    """Wait until a package is available in a hub. Raises NotSettledError, and RefusedError with SageMaker's reason."""
    waited, pause = 0.0, 0.2
    while True:
        there = observe_own.found(sagemaker, hub_arn, package)
        if there and there.status == "Available":
            return
        where = f"{name_of(package)} {version_of(package)} in {hub_arn}"
        if there and not there.is_live:
            raise RefusedError(f"{where}: SageMaker says {there.status}: {reason(there.failure)}")
        if waited >= SETTLE_SECONDS:
            raise NotSettledError(f"{where}: still {there.status if there else 'missing'} after {waited:.0f} s")
        time.sleep(pause)
        waited, pause = waited + pause, min(pause * 1.6, 3.0)


def take_out(sagemaker: "SageMakerClient", hub_arn: str, package: str) -> bool:
    """Begin to take a package out of a hub, and tell whether it has to be waited for (`wait_out`).

    What is gone already, also with its hub, is no error, and somebody else's content of its name and version stays.

    Raises NotSettledError, and RefusedError.
    """
    there = observe_own.found(sagemaker, hub_arn, package)
    if there is None or not there.is_of(package):
        return False
    if there.status not in LEAVING:
        _delete(sagemaker, hub_arn, package)
    return True


def wait_out(sagemaker: "SageMakerClient", hub_arn: str, package: str) -> None:
    """Wait until a package is gone from a hub. Raises NotSettledError."""
    waited, pause = 0.0, 0.2
    while (there := observe_own.found(sagemaker, hub_arn, package)) and there.is_of(package):
        if waited >= SETTLE_SECONDS:
            raise NotSettledError(f"{name_of(package)} {version_of(package)} in {hub_arn}: still {there.status}")
        time.sleep(pause)
        waited, pause = waited + pause, min(pause * 1.6, 3.0)


def _delete(sagemaker: "SageMakerClient", hub_arn: str, package: str) -> None:
    where = f"{name_of(package)} {version_of(package)} from {hub_arn}"
    with translated(f"delete {where}"):
        try:
            sagemaker.delete_hub_content(
                HubName=hub_name(hub_arn),
                HubContentType=observe_own.MODEL,
                HubContentName=name_of(package),
                HubContentVersion=version_of(package),
            )
        except ClientError as error:
            if code_of(error) == "ResourceInUse":
                raise NotSettledError(f"delete {where}: SageMaker is still at work on it") from error
            if code_of(error) != "ResourceNotFound":
                raise
