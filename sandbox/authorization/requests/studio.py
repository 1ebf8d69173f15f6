"""SageMaker's domains, user profiles and endpoints: what their operations need.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsagemaker.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sandbox.authorization.requests.mapping import (
    Access,
    Call,
    Resource,
    Row,
    arn,
    needs,
    present,
)
from sandbox.authorization.requests.sagemaker_tags import kept as _tags
from sandbox.authorization.requests.sagemaker_tags import requested as _pairs

_ANY = "*"
_NEW_DOMAIN = "domain/*"
"""A domain gets its id from SageMaker, so nobody can be allowed to create just one."""


def _domain(call: Call) -> str:
    return arn("sagemaker", call, f"domain/{call.get('DomainId')}")


def _profile(call: Call) -> str:
    return arn("sagemaker", call, f"user-profile/{call.get('DomainId')}/{call.get('UserProfileName')}")


def _config(call: Call) -> str:
    return arn("sagemaker", call, f"endpoint-config/{call.get('EndpointConfigName')}")


def _endpoint(call: Call) -> str:
    return arn("sagemaker", call, f"endpoint/{call.get('EndpointName')}")


def _existing(*resources: Resource) -> Row:
    """A row for existing resources, each with its tags as context."""

    def row(call: Call) -> list[Access]:
        named = [each(call) for each in resources]
        return [Access(f"sagemaker:{call.operation}", each, _tags(each) | _pairs(call)) for each in named]

    return row


def _created(resource: Resource) -> Row:
    """A row for a new resource: tagging it takes AddTags as well, its roles have to be passed."""

    def row(call: Call) -> list[Access]:
        accesses = [Access(f"sagemaker:{call.operation}", resource(call), _pairs(call))]
        if call.get("Tags"):
            accesses.append(Access("sagemaker:AddTags", resource(call), _pairs(call)))
        return accesses + _passed(call)

    return row


def _updated(resource: Resource) -> Row:
    def row(call: Call) -> list[Access]:
        return [Access(f"sagemaker:{call.operation}", resource(call), _tags(resource(call))), *_passed(call)]

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
    elif isinstance(value, str) and value.startswith("arn:aws:iam::") and ":role/" in value:
        yield value


def _create_endpoint(call: Call) -> list[Access]:
    """On the endpoint with the tags of the request, and on the configuration with its own and those of the request."""
    accesses = _existing(_endpoint, _config)(call)
    if call.get("Tags"):
        accesses.append(Access("sagemaker:AddTags", _endpoint(call), _pairs(call)))
    return accesses


ROWS: dict[str, Row] = {
    "CreateDomain": _created(lambda call: arn("sagemaker", call, _NEW_DOMAIN)),
    "CreateEndpoint": _create_endpoint,
    "CreateEndpointConfig": _created(_config),
    "CreateUserProfile": _created(_profile),
    "DeleteEndpoint": _existing(_endpoint),
    "DeleteEndpointConfig": _existing(_config),
    "DescribeDomain": _existing(_domain),
    "DescribeEndpoint": _existing(_endpoint),
    "DescribeEndpointConfig": _existing(_config),
    "DescribeUserProfile": _existing(_profile),
    "ListDomains": needs("sagemaker:ListDomains", lambda _: _ANY),
    "ListUserProfiles": needs("sagemaker:ListUserProfiles", lambda _: _ANY),
    "UpdateDomain": _updated(_domain),
    "UpdateUserProfile": _updated(_profile),
}
