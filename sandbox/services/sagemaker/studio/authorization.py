"""What the operations on Studio domains and user profiles need.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsagemaker.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sandbox.authorization.accesses import Access, Call, Resource, Row, anything, arn, needs, present
from sandbox.kernel.place import PARTITION
from sandbox.services.sagemaker.rows import created, existing, kept_tags

_NEW_DOMAIN = "domain/*"
"""A domain gets its id from SageMaker, so nobody can be allowed to create just one."""


def _domain(call: Call) -> str:
    return arn("sagemaker", call, f"domain/{call.get('DomainId')}")


def _profile(call: Call) -> str:
    return arn("sagemaker", call, f"user-profile/{call.get('DomainId')}/{call.get('UserProfileName')}")


def _created(resource: Resource) -> Row:
    """A row for a new resource, whose roles have to be passed."""
    itself = created(resource)

    def row(call: Call) -> list[Access]:
        return itself(call) + _passed(call)

    return row


def _updated(resource: Resource) -> Row:
    def row(call: Call) -> list[Access]:
        return [Access(f"sagemaker:{call.operation}", resource(call), kept_tags(resource(call))), *_passed(call)]

    return row


def _passed(call: Call) -> list[Access]:
    """iam:PassRole on every role in the settings of the request, which the reference has as a dependent action.

    That it is asked for roles deep in the settings, and for such as were there before, is assumed.
    """
    settings = [call.get("DefaultUserSettings"), call.get("UserSettings")]
    context = present(iam__PassedToService="sagemaker.amazonaws.com")
    return [Access("iam:PassRole", each, context) for each in dict.fromkeys(_roles(settings))]


def _roles(value: Any) -> Iterator[str]:
    """Every role ARN in a request."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from _roles(each)
    elif isinstance(value, str) and value.startswith(f"arn:{PARTITION}:iam::") and ":role/" in value:
        yield value


ROWS: dict[str, Row] = {
    "CreateDomain": _created(lambda call: arn("sagemaker", call, _NEW_DOMAIN)),
    "CreateUserProfile": _created(_profile),
    "DescribeDomain": existing(_domain),
    "DescribeUserProfile": existing(_profile),
    "ListDomains": needs("sagemaker:ListDomains", anything),
    "ListUserProfiles": needs("sagemaker:ListUserProfiles", anything),
    "UpdateDomain": _updated(_domain),
    "UpdateUserProfile": _updated(_profile),
}
