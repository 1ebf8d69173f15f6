"""What a deployment would replace or delete that holds data, or that has a name and so can't be replaced. Pure.

Which properties a resource can't change is in CloudFormation's own schemas, which cfn-lint brings
("createOnlyProperties", CloudFormation CLI user guide): there is no list here.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from cfnlint.schema import PROVIDER_SCHEMA_MANAGER

from stagegate_cli.checks import Check
from tools.preflight.resolve import Resource

HOLDS_DATA = {
    "AWS::DynamoDB::Table": "approvals and what is open",
    "AWS::Events::EventBus": "what members forward to",
    "AWS::KMS::Key": "all that it has encrypted",
    "AWS::Logs::LogGroup": "logs",
    "AWS::SNS::Subscription": "a confirmed address",
    "AWS::SNS::Topic": "subscriptions",
    "AWS::SQS::Queue": "events that wait",
}
"""By type, what is lost with a resource."""
_KEEPS = ("Retain", "RetainExceptOnCreate")


def replaced(name: str, before: Mapping[str, Resource], after: Mapping[str, Resource], against: str) -> Check:
    """Return the check of a stack's resources against those of an earlier one, `against` as it is called."""
    problems = [line for each in before for line in _changes(each, before[each], after.get(each))]
    found = f"{len(before.keys() & after.keys())} resources as in {against}, or changed in place"
    return Check(f"{name}: replacements", found, "none that holds data or has a name", tuple(problems))


def _changes(name: str, old: Resource, new: Resource | None) -> Iterable[str]:
    lost = HOLDS_DATA.get(old["Type"])
    if new is None:
        if lost and old.get("DeletionPolicy") not in _KEEPS:
            yield f"{name}: it would be deleted, with {lost}; allowed: to stay, or to be retained"
        return
    if new["Type"] != old["Type"]:
        yield f"{name}: found {new['Type']} for {old['Type']}; allowed: another logical id for another type"
        return
    for policy in ("DeletionPolicy", "UpdateReplacePolicy"):
        if old.get(policy) in _KEEPS and new.get(policy) not in _KEEPS:
            yield f"{name}: found {policy} {new.get(policy, 'Delete')}; allowed: {old[policy]}, as it was"
    for path in _fixed(old["Type"]):
        if _at(old["Properties"], path) != _at(new["Properties"], path) and (lost or _is_named(old)):
            with_what = f", with {lost}" if lost else ": what has a name of its own can't be replaced"
            yield (
                f"{name}: {'.'.join(path)} would change from {_at(old['Properties'], path)!r} to"
                f" {_at(new['Properties'], path)!r}, which replaces it{with_what}; allowed: as it was"
            )


def _fixed(type_: str) -> list[tuple[str, ...]]:
    """Return the properties that a type can't change, each as the keys on the way to it."""
    schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", type_).schema
    pointers = [*schema.get("createOnlyProperties", ()), *schema.get("conditionalCreateOnlyProperties", ())]
    return [tuple(pointer.removeprefix("/properties/").split("/")) for pointer in pointers]


def _at(properties: Any, path: tuple[str, ...]) -> Any:
    for key in path:
        if not isinstance(properties, dict):
            return None
        properties = properties.get(key)
    return properties


def _is_named(resource: Resource) -> bool:
    """Tell whether the template names the resource: CloudFormation can't make a second one of that name."""
    return any(
        len(path) == 1 and path[0].endswith("Name") and path[0] in resource["Properties"]
        for path in _fixed(resource["Type"])
    )
