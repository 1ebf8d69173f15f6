"""CloudTrail's record of an operation, and how SageMaker writes times and callers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from moto.core.exceptions import ServiceException

from sandbox.kernel.identity import caller, root
from sandbox.kernel.wire.protocol import Json
from sandbox.services import cloudtrail
from sandbox.services.sagemaker.store.backend import SageMakerBackend


class recorded:  # noqa: N801 - reads as a verb in `with recorded(...)`
    """CloudTrail's record of a call, also of one that is refused: `with recorded(...) as record`, set the response."""

    def __init__(self, backend: SageMakerBackend, operation: str, request: Mapping[str, Any]) -> None:
        self.response: Json = {}
        self._call = (backend.account_id, backend.region_name, operation, request)

    def __enter__(self) -> recorded:
        return self

    def __exit__(self, _type: object, error: BaseException | None, _traceback: object) -> None:
        if error is None:
            cloudtrail.emit_api_call("sagemaker", *self._call, self.response)
        elif isinstance(error, ServiceException):
            cloudtrail.emit_api_call("sagemaker", *self._call, None, (error.code, error.message))


def utc(instant: float) -> datetime:
    """An epoch second as an aware datetime, as the serializer wants it."""
    return datetime.fromtimestamp(instant, UTC)


def user_context(account: str) -> Json:
    """The `UserContext` of who is calling; the sandbox's own administrator is the root user of `account`.

    SageMaker fills `IamIdentity` "for model package groups, model packages, and project entities only" (botocore).
    """
    identity = cloudtrail.user_identity(caller.get() or root(account))
    return {"IamIdentity": {"Arn": identity.get("arn", ""), "PrincipalId": identity.get("principalId", "")}}
