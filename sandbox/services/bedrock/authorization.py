"""Bedrock: invoking models, and the jobs that use or make one.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonbedrock.html. A system-defined
inference profile takes the profile and its model in each destination Region, a global one the model without a Region:
https://docs.aws.amazon.com/bedrock/latest/userguide/inference-profiles-prereq.html and its sibling
global-cross-region-inference.html.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from moto.bedrock.models import bedrock_backends

from sandbox.authorization.accesses import (
    REQUEST_TAG_KEYS,
    Access,
    Call,
    Context,
    Row,
    anything,
    arn,
    needs,
    present,
    request_tags,
    resource_tags,
)
from sandbox.authorization.evaluator.errors import NotMapped
from sandbox.authorization.registry import Api, Registry, Resources
from sandbox.kernel.arns import split
from sandbox.kernel.place import PARTITION

DESTINATIONS: Mapping[str, tuple[str, ...]] = {
    "us": ("us-east-1", "us-east-2", "us-west-2"),
    "eu": ("eu-central-1", "eu-north-1", "eu-west-1", "eu-west-3"),
    "apac": ("ap-northeast-1", "ap-northeast-2", "ap-south-1", "ap-southeast-1", "ap-southeast-2"),
}
"""Geography -> Regions that its profiles route to. On AWS they differ from model to model."""

_PROFILE = re.compile(r"(?P<geography>us|eu|apac|global)\.(?P<model>[a-z0-9-]+\..+)")
_ALONE = ("custom-model", "custom-model-deployment", "foundation-model", "imported-model", "provisioned-model")
"""Resources that are authorized by themselves. Others (application inference profiles, routers) stand for more."""


def invoked(action: str, call: Call, identifier: str) -> list[Access]:
    """The accesses of invoking a model, given by id, by the id of a profile, or by ARN."""
    fields = split(identifier)
    if fields is None:
        profile = _PROFILE.fullmatch(identifier)
        if profile:
            return _through_profile(action, call, arn("bedrock", call, f"inference-profile/{identifier}"), profile)
        return [Access(action, _foundation_model(call.region, identifier))]
    kind, _, name = fields.resource.partition("/")
    profile = _PROFILE.fullmatch(name)
    if kind == "inference-profile" and profile:
        return _through_profile(action, call, identifier, profile)
    if kind in _ALONE:
        tags = bedrock_backends[fields.account][fields.region].tags.get(identifier, {})
        return [Access(action, identifier, resource_tags(tags))]
    raise NotMapped(f"bedrock {call.operation} of {identifier} is not supported")


def _through_profile(action: str, call: Call, profile_arn: str, profile: re.Match[str]) -> list[Access]:
    """The profile, and the model wherever the request may end up, with the profile as a condition key."""
    through = present(bedrock__InferenceProfileArn=profile_arn)
    accesses = [Access(action, profile_arn)]
    if profile["geography"] == "global":
        where: dict[str, Context] = {call.region: {}, "": present(aws__RequestedRegion="unspecified")}
    else:
        where = {region: present(aws__RequestedRegion=region) for region in DESTINATIONS[profile["geography"]]}
    model = profile["model"]
    return accesses + [Access(action, _foundation_model(each, model), through | more) for each, more in where.items()]


def _foundation_model(region: str, model: str) -> str:
    return f"arn:{PARTITION}:bedrock:{region}::foundation-model/{model}"


def _pairs(call: Call, *names: str) -> Context:
    return request_tags({tag["key"]: tag["value"] for name in names for tag in call.get(name) or []})


def _job(kind: str, model: str, *tags: str) -> Row:
    """A job: on itself, on the model that it uses, and the role that it is given."""

    def row(call: Call) -> list[Access]:
        action = f"bedrock:{call.operation}"
        context = _pairs(call, *tags)
        accesses = [Access(action, arn("bedrock", call, f"{kind}/*"), context)]
        accesses += [
            Access(action, each.resource, context | each.context)
            for each in invoked(action, call, str(call.get(model)))
        ]
        passed = present(iam__PassedToService="bedrock.amazonaws.com")
        return [*accesses, Access("iam:PassRole", str(call.get("roleArn")), passed)]

    return row


def _import(call: Call) -> list[Access]:
    """The job has no resource; its tags do, and take the permission to tag, on anything of its kind: it isn't there."""
    passed = present(iam__PassedToService="bedrock.amazonaws.com")
    accesses = [
        Access(
            "bedrock:CreateModelImportJob",
            "*",
            _pairs(call, "jobTags", "importedModelTags"),
        ),
        Access("iam:PassRole", str(call.get("roleArn")), passed),
    ]
    for tags, kind in (("jobTags", "model-import-job"), ("importedModelTags", "imported-model")):
        if call.get(tags):
            accesses.append(Access("bedrock:TagResource", arn("bedrock", call, f"{kind}/*"), _pairs(call, tags)))
    return accesses


def _on(parameter: str, kept: Callable[[Any, str], str | None]) -> Row:
    """One job or model, by the ARN behind its name, with its tags."""

    def row(call: Call) -> list[Access]:
        named = str(call.get(parameter))
        backend: Any = bedrock_backends[call.account][call.region]  # moto types it for its own backend
        resource = kept(backend, named) or named
        tags = resource_tags(backend.tags.get(resource, {}))
        tagged = {tag["key"]: tag["value"] for tag in call.get("tags") or []}
        return [Access(f"bedrock:{call.operation}", resource, tags | request_tags(tagged))]

    return row


def _job_named(backend: Any, named: str) -> str | None:
    return next((job.arn for job in backend.imports.values() if named in (job.name, job.arn)), None)


def _model_named(backend: Any, named: str) -> str | None:
    return next((model.arn for model in backend.imported.values() if named in (model.name, model.arn)), None)


def _itself(_backend: Any, named: str) -> str | None:
    return named


ROWS: dict[str, Row] = {
    "CreateModelImportJob": _import,
    "DeleteImportedModel": _on("modelIdentifier", _model_named),
    "GetImportedModel": _on("modelIdentifier", _model_named),
    "GetModelImportJob": _on("jobIdentifier", _job_named),
    "ListImportedModels": needs("bedrock:ListImportedModels", anything),
    "ListModelImportJobs": needs("bedrock:ListModelImportJobs", anything),
    "ListTagsForResource": _on("resourceARN", _itself),
    "TagResource": _on("resourceARN", _itself),
    "UntagResource": _on("resourceARN", _itself),
    "CreateModelCustomizationJob": _job("custom-model", "baseModelIdentifier", "jobTags", "customModelTags"),
    "CreateModelInvocationJob": _job("model-invocation-job", "modelId", "tags"),
}


def register(registry: Registry) -> None:
    """Add this service's entries."""
    keys = frozenset(("bedrock:InferenceProfileArn", *REQUEST_TAG_KEYS, "aws:ResourceTag/"))
    registry.add(Api(service="bedrock", rows=ROWS), Resources(prefix="bedrock", condition_keys=keys))
