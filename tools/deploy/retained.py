"""What stays when the stack is deleted: the resources that its template retains. Pure."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

RETAINS = ("Retain", "RetainExceptOnCreate")
"""The deletion policies under which a resource of a stack that was made stays ("DeletionPolicy", user guide)."""


@dataclass(frozen=True, slots=True)
class Retained:
    """A resource that stays: its logical id, its type, and its physical id."""

    logical_id: str
    type: str
    name: str


def retained_ids(template: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the logical ids of the resources that a template retains."""
    resources = template["Resources"].items()
    return tuple(id_ for id_, resource in resources if resource.get("DeletionPolicy") in RETAINS)


def ways_to_delete(found: Iterable[Retained], region: str) -> Iterator[str]:
    """Yield the commands that delete what has stayed, a line each."""
    for each in found:
        match each.type:
            case "AWS::DynamoDB::Table":
                table = f"--table-name {each.name} --region {region}"
                yield f"aws dynamodb update-table {table} --no-deletion-protection-enabled"
                yield f"aws dynamodb delete-table {table}"
            case "AWS::KMS::Key":
                key = f"--key-id {each.name} --region {region}"
                yield f"aws kms schedule-key-deletion {key} --pending-window-in-days 30"
            case "AWS::Logs::LogGroup":
                yield f"aws logs delete-log-group --log-group-name {each.name} --region {region}"
            case "AWS::S3::BucketPolicy":  # it lets nobody delete what is in the bucket
                yield f"aws s3api delete-bucket-policy --bucket {each.name} --region {region}"
            case _:
                yield f"# {each.type} {each.name}: by its own service"


def only_retained(template: Mapping[str, Any], ids: Iterable[str]) -> str:
    """Return a template that has these resources as they stand and nothing else, as an import of them takes it.

    Raises ValueError where one of them needs a resource that isn't among them.
    """
    kept = {id_: template["Resources"][id_] for id_ in ids}
    known = {*kept, *template.get("Parameters", {})}
    missing = sorted(_references(list(kept.values())) - known)
    if missing:
        raise ValueError(f"retained resources: found references to {', '.join(missing)}; allowed: to one another")
    sections = {name: template[name] for name in ("Parameters", "Mappings", "Conditions") if name in template}
    return json.dumps({"AWSTemplateFormatVersion": "2010-09-09", **sections, "Resources": kept})


def _references(found: Any) -> set[str]:
    """Return the logical ids and parameters that `Ref` and `Fn::GetAtt` name; those of AWS itself aside."""
    if isinstance(found, Mapping):
        named = {str(found["Ref"])} if "Ref" in found else set()
        if "Fn::GetAtt" in found:
            of = found["Fn::GetAtt"]
            named = {str(of if isinstance(of, str) else of[0]).partition(".")[0]}
        return {each for each in named if not each.startswith("AWS::")}.union(*map(_references, found.values()))
    if isinstance(found, list):
        return set().union(*map(_references, found))
    return set()
