"""How large AWS lets a stack and its parts be. Pure. Each figure is AWS's default, with where it is written."""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from stagegate.iam.limits import MANAGED_POLICY_LIMIT
from stagegate_cli.checks import Check, largest
from tools.preflight.resolve import Resource

TEMPLATE, INLINE_TEMPLATE = 1_048_576, 51_200
"""Bytes of a template on S3, and of one that a command sends ("CloudFormation quotas")."""
RESOURCES, PARAMETERS, PARAMETER_VALUE = 500, 200, 4_096
""""CloudFormation quotas"; a value in bytes."""
ROLE_INLINE, ROLE_MANAGED, TRUST = 10_240, 10, 2_048
"""Characters of all policies in a role, white space not counted; managed policies; characters of a trust policy ("IAM
and AWS STS quotas")."""
KEY_POLICY = 32_768
"""Bytes ("Resource quotas", AWS KMS developer guide)."""
TOPIC_POLICY = 30_720
"""Bytes ("Amazon SNS endpoints and quotas")."""
BUS_POLICY = 10_240
"""Characters ("Amazon EventBridge quotas")."""
PATTERN = 2_048
"""Characters of an event pattern ("Amazon EventBridge quotas")."""
VARIABLES = 4_096
"""Bytes of a function's environment variables, names and values ("Lambda quotas")."""
LAYERS = 5
""""Lambda quotas"."""


def of_template(name: str, text: str, limit: int) -> Check:
    """Return the check of a template's size."""
    return largest(f"{name}: size", {name: len(text.encode())}, limit, "bytes")


def of_parameters(name: str, values: Mapping[str, str]) -> Iterator[Check]:
    """Yield the checks of how many parameters a stack has, and how long their values are."""
    yield largest(f"{name}: parameters", {name: len(values)}, PARAMETERS, "parameters")
    sizes = {each: len(value.encode()) for each, value in values.items()}
    yield largest(f"{name}: values of parameters", sizes, PARAMETER_VALUE, "bytes")


def of_resources(name: str, resources: Mapping[str, Resource]) -> Iterator[Check]:
    """Yield the checks of a stack's resources."""
    yield largest(f"{name}: resources", {name: len(resources)}, RESOURCES, "resources")
    yield from _of_roles(name, resources)
    for title, type_, key, limit, unit in (
        ("key policy", "AWS::KMS::Key", "KeyPolicy", KEY_POLICY, "bytes"),
        ("topic policy", "AWS::SNS::TopicPolicy", "PolicyDocument", TOPIC_POLICY, "bytes"),
        ("event bus policy", "AWS::Events::EventBusPolicy", "Statement", BUS_POLICY, "characters"),
        ("event pattern", "AWS::Events::Rule", "EventPattern", PATTERN, "characters"),
    ):
        found = {each: of[key] for each, of in _of_type(resources, type_) if key in of}
        if found:
            yield largest(f"{name}: {title}", {each: _size(of) for each, of in found.items()}, limit, unit)
    functions = dict(_of_type(resources, "AWS::Lambda::Function"))
    if functions:
        variables = {each: _environment(of) for each, of in functions.items()}
        yield largest(f"{name}: environment of a function", variables, VARIABLES, "bytes")
        layers = {each: len(of.get("Layers", ())) for each, of in functions.items()}
        yield largest(f"{name}: layers of a function", layers, LAYERS, "layers")


def _of_roles(name: str, resources: Mapping[str, Resource]) -> Iterator[Check]:
    roles = dict(_of_type(resources, "AWS::IAM::Role"))
    by_name = {of["RoleName"]: each for each, of in roles.items()}
    inline = {each: sum(_size(p["PolicyDocument"]) for p in of.get("Policies", ())) for each, of in roles.items()}
    for _, of in _of_type(resources, "AWS::IAM::Policy"):
        for role in of["Roles"]:
            inline[by_name[role]] += _size(of["PolicyDocument"])
    managed = dict(_of_type(resources, "AWS::IAM::ManagedPolicy"))
    attached: dict[str, int] = defaultdict(int)
    for of in managed.values():
        for role in of.get("Roles", ()):
            attached[by_name[role]] += 1
    yield largest(f"{name}: policies in a role", inline, ROLE_INLINE, "characters")
    sizes = {each: _size(of["PolicyDocument"]) for each, of in managed.items()}
    yield largest(f"{name}: managed policy", sizes, MANAGED_POLICY_LIMIT, "characters")
    yield largest(f"{name}: managed policies of a role", attached, ROLE_MANAGED, "policies")
    trusts = {each: _size(of["AssumeRolePolicyDocument"]) for each, of in roles.items()}
    yield largest(f"{name}: trust policy", trusts, TRUST, "characters")


def _of_type(resources: Mapping[str, Resource], type_: str) -> Iterator[tuple[str, dict[str, Any]]]:
    yield from ((name, each["Properties"]) for name, each in resources.items() if each["Type"] == type_)


def _size(document: Any) -> int:
    """Return the bytes of a document without white space, which none of ours has where it would count."""
    return len("".join(json.dumps(document, separators=(",", ":")).split()).encode())


def _environment(function: Mapping[str, Any]) -> int:
    variables = function.get("Environment", {}).get("Variables", {})
    return sum(len(f"{name}{value}".encode()) for name, value in variables.items())
