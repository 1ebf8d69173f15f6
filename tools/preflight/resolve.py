"""A template as CloudFormation would make it: transformed by SAM, its parameters, conditions and references filled in.

What only an account could tell, as a key's id, is as long as AWS makes it: sizes are what they will be.
"""

import copy
import json
import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from samtranslator.translator.transform import transform

from sandbox.services.cloudformation.intrinsics import NO_VALUE, Resolver
from sandbox.services.cloudformation.template import parameters, read

__all__ = ["Resource", "Where", "read", "resources"]

Resource = dict[str, Any]
_ID = "01234567-89ab-cdef-0123-456789abcdef"
_NAMES = (
    "RoleName",
    "ManagedPolicyName",
    "FunctionName",
    "LayerName",
    "StateMachineName",
    "TableName",
    "TopicName",
    "QueueName",
    "LogGroupName",
    "AliasName",
    "AlarmName",
    "Name",
)
_ARNS = {
    "AWS::DynamoDB::Table": "dynamodb:{r}:{a}:table/{n}",
    "AWS::Events::EventBus": "events:{r}:{a}:event-bus/{n}",
    "AWS::Events::Rule": "events:{r}:{a}:rule/{n}",
    "AWS::IAM::ManagedPolicy": "iam::{a}:policy/{n}",
    "AWS::IAM::Role": "iam::{a}:role{path}{n}",
    "AWS::KMS::Key": f"kms:{{r}}:{{a}}:key/{_ID}",
    "AWS::Lambda::Function": "lambda:{r}:{a}:function:{n}",
    "AWS::Lambda::LayerVersion": "lambda:{r}:{a}:layer:{n}:1",
    "AWS::Logs::LogGroup": "logs:{r}:{a}:log-group:{n}:*",
    "AWS::SNS::Topic": "sns:{r}:{a}:{n}",
    "AWS::SQS::Queue": "sqs:{r}:{a}:{n}",
    "AWS::StepFunctions::StateMachine": "states:{r}:{a}:stateMachine:{n}",
}
_REFERRED_BY_ARN = (
    "AWS::IAM::ManagedPolicy",
    "AWS::Lambda::LayerVersion",
    "AWS::SNS::Topic",
    "AWS::StepFunctions::StateMachine",
)
_LOCAL = {"CodeUri": "s3://bucket/key", "ContentUri": "s3://bucket/key", "DefinitionUri": "s3://bucket/key"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """Where a stack stands."""

    account: str
    region: str
    partition: str
    stack: str

    @property
    def pseudo(self) -> dict[str, str]:
        """The parameters that CloudFormation has by itself."""
        stacks = f"arn:{self.partition}:cloudformation:{self.region}:{self.account}:stack"
        return {
            "AWS::AccountId": self.account,
            "AWS::Region": self.region,
            "AWS::Partition": self.partition,
            "AWS::StackName": self.stack,
            "AWS::StackId": f"{stacks}/{self.stack}/{_ID}",
            "AWS::URLSuffix": "amazonaws.com",
        }


def resources(template: Mapping[str, Any], values: Mapping[str, str], where: Where) -> dict[str, Resource]:
    """Return the resources that the stack would have, with type, properties and policies; see the module.

    Raises ValueError for a value that the template doesn't take.
    """
    known = {name: value for name, value in values.items() if name in template.get("Parameters", {})}
    typed = parameters(dict(template), known)
    made = _transformed(template, typed, where)
    resolver = Resolver(
        {**where.pseudo, **typed},
        lambda name, attribute: _attribute(resolver, made, where, name, attribute),
        made.get("Mappings", {}),
        made.get("Conditions", {}),
    )
    wanted = {
        name: each
        for name, each in made["Resources"].items()
        if "Condition" not in each or resolver.holds(each["Condition"])
    }
    for name, each in wanted.items():
        resolver.refs[name] = _reference(resolver, each, where, name)
    return {
        name: {**each, "Properties": _settled(resolver.resolve(each.get("Properties", {})))}
        for name, each in wanted.items()
    }


def _transformed(template: Mapping[str, Any], typed: Mapping[str, Any], where: Where) -> dict[str, Any]:
    """Return what SAM makes of the template: places on S3 stand for what lies in the checkout."""
    packaged = copy.deepcopy(dict(template))
    for resource in packaged["Resources"].values():
        properties = resource.get("Properties", {})
        properties.update({key: value for key, value in _LOCAL.items() if key in properties})
        if isinstance(properties.get("DefinitionS3Location"), str):
            properties["DefinitionS3Location"] = {"Bucket": "bucket", "Key": "key"}
    if "Transform" not in packaged:
        return packaged
    os.environ.setdefault("AWS_DEFAULT_REGION", where.region)  # SAM asks boto3 for a Region to name partitions
    logging.getLogger("samtranslator.metrics").setLevel(logging.ERROR)  # it says that it has sent nobody its metrics
    result: dict[str, Any] = json.loads(_made_by_sam(json.dumps(packaged), json.dumps({**typed, **where.pseudo})))
    return result


@lru_cache(maxsize=8)
def _made_by_sam(template: str, values: str) -> str:
    """Return as JSON what SAM makes of a template."""
    return json.dumps(transform(json.loads(template), json.loads(values), _NoManagedPolicies()))


class _NoManagedPolicies:
    """The managed policies that SAM lets a template name without their ARN: ours names none."""

    def load(self) -> dict[str, str]:
        """Return them."""
        return {}


def _named(resolver: Resolver, resource: Resource, where: Where, logical_id: str) -> str:
    """Return the resource's name: its own, or one as CloudFormation makes it of the stack's and the logical id's."""
    of = resource.get("Properties", {})
    given = next((of[key] for key in _NAMES if key in of), None)
    if given is not None:
        return str(resolver.resolve(given))
    made = f"{where.stack}-{logical_id}"[:51] + "-0123456789AB"
    bus = of.get("EventBusName") if resource["Type"] == "AWS::Events::Rule" else None
    return f"{resolver.resolve(bus)}/{made}" if bus else made


def _arn(resolver: Resolver, resource: Resource, where: Where, logical_id: str) -> str:
    name = _named(resolver, resource, where, logical_id)
    path = str(resolver.resolve(resource.get("Properties", {}).get("Path", "/")))
    shape = _ARNS.get(resource["Type"], "cloudformation:{r}:{a}:{n}")
    return f"arn:{where.partition}:" + shape.format(r=where.region, a=where.account, n=name, path=path)


def _reference(resolver: Resolver, resource: Resource, where: Where, logical_id: str) -> str:
    if resource["Type"] in _REFERRED_BY_ARN:
        return _arn(resolver, resource, where, logical_id)
    return _ID if resource["Type"] == "AWS::KMS::Key" else _named(resolver, resource, where, logical_id)


def _attribute(resolver: Resolver, made: dict[str, Any], where: Where, name: str, attribute: str) -> Any:
    resource = made["Resources"][name]
    if attribute.endswith("Arn"):
        return _arn(resolver, resource, where, name)
    return _named(resolver, resource, where, name)


def _settled(properties: Any) -> Any:
    return {key: value for key, value in properties.items() if value is not NO_VALUE}
