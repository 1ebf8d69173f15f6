"""Deploying from a private hub: what CreateModel asks of a container that names a hub content.

`HubAccessConfig.HubContentArn` "should be a ModelReference resource type that points to a SageMaker JumpStart public
hub model": https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-sagemaker-model-hubaccessconfig.html.
Assumed, because nothing says more: that the reference is looked up when the model is made, that the artifacts have to
be those of the model which it stands for, and that the errors are ValidationException, the only one besides a limit's.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sandbox.kernel.clock import clock
from sandbox.kernel.wire.errors import aws_error
from sandbox.services.sagemaker.hubs.names import content_name, find_hub
from sandbox.services.sagemaker.store.backend import backend_for
from sandbox.services.sagemaker.store.hub import MODEL_REFERENCE, Reference, Version


def require_from_hub(source: Mapping[str, Any], region: str) -> None:
    """Raise unless an S3DataSource with a HubAccessConfig may be deployed."""
    arn = source["HubAccessConfig"]["HubContentArn"]
    version = _referenced(arn, region)
    document = json.loads(version.document)
    artifacts = document.get("HostingArtifactUri")
    if artifacts is None:
        raise _refused(arn, "it is no open-weight model, and is deployed by its own subscription")
    if source["S3Uri"] != artifacts:
        raise _refused(arn, f"its artifacts are {artifacts}, not {source['S3Uri']}")
    accepted = source.get("ModelAccessConfig", {}).get("AcceptEula", False)
    if document.get("GatedBucket") and not accepted:
        raise _refused(arn, "its end-user license agreement has to be accepted: ModelAccessConfig.AcceptEula")


def _referenced(arn: str, region: str) -> Version:
    """The version that the ARN of a reference stands for: the one it names, or the latest."""
    named = content_name(arn)
    if named is None or named.region != region:
        raise _refused(arn, f"it is not the ARN of a hub content in {region}")
    if named.is_public or named.kind != MODEL_REFERENCE:
        raise _refused(arn, f"it is not a {MODEL_REFERENCE} of a private hub")
    now = clock.now()
    hub = find_hub(backend_for(named.account, region), named.hub)
    item = hub.find(MODEL_REFERENCE, named.name, now) if hub else None
    if not isinstance(item, Reference) or item.target.withdrawn or item.status(now) != "Available":
        raise _refused(arn, "it does not exist or is not available")
    found = next((each for each in reversed(item.offered()) if named.version in (None, each.number)), None)
    if found is None:
        raise _refused(arn, "the hub has no such version")
    return found


def _refused(arn: str, why: str) -> Exception:
    return aws_error("ValidationException", f"Hub content {arn} can't be deployed: {why}.")
