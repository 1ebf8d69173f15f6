"""Policies on resources, as the services that take them agree: what is refused, and what is kept."""

from __future__ import annotations

import json
from collections.abc import Callable

from sandbox.authorization.evaluator.documents import Kind, parse
from sandbox.authorization.evaluator.errors import InvalidPolicy
from sandbox.authorization.principal_ids import kept_form


class PolicyProblem(ValueError):
    """Why a policy is not accepted; each service has its own error for it."""


class UnknownPrincipal(PolicyProblem):
    """It names a role or user that doesn't exist, or a unique id.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-bucket-user-policy-specifying-principal-intro.html: a
    policy with a deleted principal's id in it can't be put again.
    """


def accept(resource: str, text: str, effective: Callable[[str], str] = str) -> str:
    """The compact text to keep of a policy for `resource`, with roles and users by unique id. Raises PolicyProblem.

    `effective` takes away what the service keeps without minding it.
    """
    try:
        parse(resource, Kind.RESOURCE, effective(text))
    except InvalidPolicy as error:
        raise PolicyProblem(str(error)) from error
    kept, unknown = kept_form(json.loads(text))
    if unknown:
        raise UnknownPrincipal(f"Invalid principal in policy: {', '.join(unknown)}")
    return json.dumps(kept, separators=(",", ":"))
