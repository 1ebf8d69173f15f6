"""What the operations on hubs and their contents need, what it takes to deploy from one, and the public hub's policy.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsagemaker.html
It lists two resource types for everything about one content, the hub and the content, and the hub alone for the rest.
"""

from __future__ import annotations

import json

from sandbox.authorization.accesses import Access, Call, Row, anything, arn, needs
from sandbox.authorization.registry import named_owner
from sandbox.kernel.arns import Fields, split
from sandbox.kernel.place import PARTITION
from sandbox.services.sagemaker.hubs import public_hub
from sandbox.services.sagemaker.rows import created, kept_tags, requested_tags, tagged


def _hub(call: Call) -> str:
    """By name in the caller's account, by ARN in any; AWS's own by its name."""
    named = str(call.get("HubName"))
    if named.startswith("arn:"):
        return named
    return arn("sagemaker", call, f"hub/{named}", account=public_hub.OWNER if named == public_hub.NAME else "")


def _content(call: Call) -> str:
    """A content without its version, which is in no ARN that the reference gives."""
    hub = _hub(call).replace(":hub/", ":hub-content/", 1)
    return f"{hub}/{call.get('HubContentType')}/{call.get('HubContentName')}"


def _on_content(call: Call) -> list[Access]:
    resources = (_hub(call), _content(call))
    return [Access(f"sagemaker:{call.operation}", each, kept_tags(each) | requested_tags(call)) for each in resources]


def _create_reference(call: Call) -> list[Access]:
    """On the hub and on the reference to be. Whether AWS also asks for the public content is not documented."""
    public = str(call.get("SageMakerPublicHubContentArn"))
    name = call.get("HubContentName") or public.rsplit("/", 1)[1]
    parameters = {**call.parameters, "HubContentType": "ModelReference", "HubContentName": name}
    named = Call(call.service, call.operation, parameters, call.account, call.region)
    accesses = _on_content(named)
    if call.get("Tags"):
        accesses.append(Access("sagemaker:AddTags", _content(named), requested_tags(call)))
    return accesses


def deploy(content_arn: str) -> list[Access]:
    """sagemaker:DeployHubModel, on the hub and on the content, for the caller of CreateModel.

    It is an action without an operation: that it is asked of the caller and not of the execution role is assumed, as
    is that a version in the ARN is left out.
    """
    fields = split(content_arn)
    parts = fields.resource.split("/") if fields else []
    if fields is None or parts[0] != "hub-content" or len(parts) < 4:
        return []  # SageMaker refuses it
    begin = content_arn.removesuffix(fields.resource)
    resources = (f"{begin}hub/{parts[1]}", f"{begin}{'/'.join(parts[:4])}")
    return [Access("sagemaker:DeployHubModel", each, kept_tags(each)) for each in resources]


def owner(at: Fields) -> str:
    """The public hub's owner: not the caller's account, and its policy lets everybody look."""
    return public_hub.OWNER if at.account == public_hub.OWNER else named_owner(at)


def policy(at: Fields) -> str | None:
    """The policy of the public hub; a private one has none."""
    return _PUBLIC if at.account == public_hub.OWNER else None


_PUBLIC = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": {
            "Sid": "Everybody",
            "Effect": "Allow",
            "Principal": "*",
            "Action": [
                "sagemaker:DescribeHub",
                "sagemaker:DescribeHubContent",
                "sagemaker:ListHubContents",
                "sagemaker:ListHubContentVersions",
            ],
            "Resource": [f"arn:{PARTITION}:sagemaker:*:aws:hub/*", f"arn:{PARTITION}:sagemaker:*:aws:hub-content/*"],
        },
    }
)
"""What the behaviour of the public hub amounts to: every account may look, if its own policies let the caller."""


ROWS: dict[str, Row] = {
    "CreateHub": created(_hub),
    "CreateHubContentReference": _create_reference,
    "DeleteHub": tagged(_hub),
    "DeleteHubContent": _on_content,
    "DeleteHubContentReference": _on_content,
    "DescribeHub": tagged(_hub),
    "DescribeHubContent": _on_content,
    "ImportHubContent": _on_content,
    "ListHubContentVersions": _on_content,
    "ListHubContents": tagged(_hub),
    "ListHubs": needs("sagemaker:ListHubs", anything),
    "UpdateHub": tagged(_hub),
    "UpdateHubContentReference": _on_content,
}
