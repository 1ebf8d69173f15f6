"""What `sam package` and the SAM transform do: local paths to S3 locations, SAM resources to CloudFormation ones."""

from __future__ import annotations

import copy
import hashlib
import io
import json
import logging
import os
import zipfile
from functools import lru_cache
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError
from samtranslator.translator.transform import transform

from sandbox.kernel.place import PARTITION, located
from sandbox.kernel.wire.transport import client
from sandbox.services.cloudformation.errors import TemplateError
from sandbox.services.cloudformation.template import Template
from sandbox.services.lambda_.code.dependencies import MARKER

_LOCAL = {
    "AWS::Serverless::Function": "CodeUri",
    "AWS::Serverless::LayerVersion": "ContentUri",
    "AWS::Serverless::StateMachine": "DefinitionUri",
    "AWS::StepFunctions::StateMachine": "DefinitionS3Location",
}


def transformed(
    template: Template, root: Path, account: str, region: str, parameters: dict[str, Any], replaced: dict[Path, bytes]
) -> Template:
    """The CloudFormation template that SAM makes of `template`, its code and definitions in the account's S3.

    `replaced` gives other bytes for files below `root`: settings under trial. No makefile is run. What
    a layer with one has of its own is `python/`, and byte code is made where it is unpacked. One without is made of a
    lock file: its zip says so, and the worker is given the same packages from the sandbox's own environment.
    """
    packaged = copy.deepcopy(template)
    for name, resource in packaged["Resources"].items():
        properties = resource.get("Properties", {})
        local = _LOCAL.get(resource["Type"])
        if local and isinstance(properties.get(local), str):
            data = _data(name, resource, root / properties[local], replaced)
            where = _uploaded(account, region, data)
            properties[local] = _as_object(where) if local == "DefinitionS3Location" else where
    if "Transform" not in packaged:
        return packaged
    os.environ.setdefault("AWS_DEFAULT_REGION", region)  # the translator asks boto3 for a region to name partitions
    logging.getLogger("samtranslator.metrics").setLevel(logging.ERROR)  # it warns that it has sent nobody its metrics
    values = {**parameters, "AWS::Region": region, "AWS::AccountId": account, "AWS::Partition": PARTITION}
    result: Template = json.loads(_made_by_sam(json.dumps(packaged), json.dumps(values)))
    return result


@lru_cache(maxsize=16)
def _made_by_sam(template: str, values: str) -> str:
    """JSON of what SAM makes of a template; organizations of one process deploy much the same."""
    return json.dumps(transform(json.loads(template), json.loads(values), _ManagedPolicies()))


class _ManagedPolicies:
    """The managed policies that SAM lets a template name without their ARN."""

    def load(self) -> dict[str, str]:
        """Name to ARN."""
        return {
            "AWSLambdaBasicExecutionRole": f"arn:{PARTITION}:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole",
            "AWSXRayDaemonWriteAccess": f"arn:{PARTITION}:iam::aws:policy/AWSXRayDaemonWriteAccess",
        }


def _as_object(location: str) -> dict[str, str]:
    """An address on S3 as CloudFormation's own types have it."""
    bucket, _, key = location.removeprefix("s3://").partition("/")
    return {"Bucket": bucket, "Key": key}


def _data(name: str, resource: dict[str, Any], source: Path, replaced: dict[Path, bytes]) -> bytes:
    method = resource.get("Metadata", {}).get("BuildMethod")
    below = source
    if method == "makefile":
        below = source / "python"
        if not below.is_dir():
            return _zipped({MARKER: b""})
    elif method is not None:
        raise TemplateError(f"{name}: unsupported BuildMethod {method}")
    if source.is_file():
        return replaced.get(source.resolve(), source.read_bytes())
    if not source.is_dir():
        raise TemplateError(f"{name}: there is no {source}")
    files = sorted(path for path in below.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return _zipped({str(path.relative_to(source)): replaced.get(path.resolve(), path.read_bytes()) for path in files})


def _zipped(files: dict[str, bytes]) -> bytes:
    """A zip that depends on names and content alone, so that what hasn't changed isn't deployed again."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED) as zipped:
        for name, data in files.items():
            zipped.writestr(zipfile.ZipInfo(name), data)
    return archive.getvalue()


def _uploaded(account: str, region: str, data: bytes) -> str:
    s3, bucket = client("s3", account, region=region), f"sam-artifacts-{account}"
    try:
        s3.create_bucket(Bucket=bucket, **located(region))
    except ClientError as error:
        if error.response["Error"]["Code"] not in ("BucketAlreadyExists", "BucketAlreadyOwnedByYou"):
            raise
    key = hashlib.sha256(data).hexdigest()
    s3.put_object(Bucket=bucket, Key=key, Body=data)
    return f"s3://{bucket}/{key}"
