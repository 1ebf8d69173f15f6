"""What the tables of SageMaker's operations are made of: rows with the tags of requests and resources as context."""

from __future__ import annotations

from sandbox.authorization.accesses import Access, Call, Context, Resource, Row, request_tags, resource_tags
from sandbox.services.sagemaker.store.tags import tags_at


def requested_tags(call: Call) -> Context:
    """The tags that a request carries."""
    return request_tags({tag["Key"]: tag["Value"] for tag in call.get("Tags") or []})


def kept_tags(resource: str) -> Context:
    """The tags that a resource has."""
    return resource_tags(tags_at(resource), "aws", "sagemaker")


def tagged(resource: Resource) -> Row:
    """A row for an existing resource, with its tags as context."""

    def row(call: Call) -> list[Access]:
        return [Access(f"sagemaker:{call.operation}", resource(call), kept_tags(resource(call)))]

    return row


def existing(*resources: Resource) -> Row:
    """A row for existing resources, each with its tags as context."""

    def row(call: Call) -> list[Access]:
        named = [each(call) for each in resources]
        return [Access(f"sagemaker:{call.operation}", each, kept_tags(each) | requested_tags(call)) for each in named]

    return row


def described(resource: Resource) -> Row:
    """A row for a description, which leaves out what is encrypted when it is told to."""

    def row(call: Call) -> list[Access]:
        everything = call.get("IncludedData") != "MetadataOnly"
        context = kept_tags(resource(call))
        return [Access(f"sagemaker:{call.operation}", resource(call), context, encrypted=everything)]

    return row


def created(resource: Resource) -> Row:
    """A row for a new resource: tagging it takes AddTags as well, the action's dependent action, says the reference."""

    def row(call: Call) -> list[Access]:
        accesses = [Access(f"sagemaker:{call.operation}", resource(call), requested_tags(call))]
        if call.get("Tags"):
            accesses.append(Access("sagemaker:AddTags", resource(call), requested_tags(call)))
        return accesses

    return row
