"""Errors of AWS services, as moto puts them on the wire."""

from __future__ import annotations

from moto.core.errors import COMMON_ERROR_CODES
from moto.core.exceptions import ServiceException


class AwsError(ServiceException):
    """An error of an AWS service. A class of our own, because moto looks its own one up as a service named `core`."""


def aws_error(code: str, message: str, **members: str) -> AwsError:
    """An error to raise from an operation; `members` are what the error's shape has besides its message (`Reason`).

    The HTTP status comes from botocore's model of the error, 400 where the service doesn't model it.
    """
    error = AwsError(code, message)
    for name, value in members.items():
        setattr(error, name, value)
    return error


class NotInSandboxError(ServiceException):
    """An operation, or a kind of resource, that AWS has and this sandbox doesn't."""

    code = "NotInSandbox"

    def __init__(self, what: str) -> None:
        super().__init__(f"{what} is not part of the sandbox")


# moto warns of codes that no model of AWS has; this one is meant.
COMMON_ERROR_CODES.append(NotInSandboxError.code)
