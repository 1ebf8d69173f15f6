"""Calls that fail by plan: with an error that AWS's model of the operation has, or without an answer."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from botocore.exceptions import UnknownServiceError
from botocore.model import Shape

from sandbox.kernel.wire.models import service_model, session

Moment = Literal["before", "after"]

LOST_ANSWER = "LostAnswer"
"""The connection is closed in place of an answer."""
_FAULT = 500
_REFUSAL = 400
COMMON: Mapping[str, int] = {
    "AccessDeniedException": _REFUSAL,
    "InternalFailure": _FAULT,
    "ServiceUnavailable": 503,
    "ThrottlingException": _REFUSAL,
}
"""What any operation can fail with, with its status ("Common Errors" in the API references)."""
OF_QUERIES: Mapping[str, int] = {
    "AccessDenied": 403,
    "InternalFailure": _FAULT,
    "ServiceUnavailable": 503,
    "Throttling": _REFUSAL,
}
"""The same in the query protocol."""
OF_S3: Mapping[str, int] = {"AccessDenied": 403, "InternalError": _FAULT, "ServiceUnavailable": 503, "SlowDown": 503}
"""The same for S3, which models few of its errors ("Error responses", API reference)."""


@dataclass(frozen=True, slots=True)
class Failure:
    """What becomes of a call. "before": it has no effect. "after": it has all of it, and nobody hears of that.

    `code` is the error's on the wire (or LostAnswer), `status` HTTP's. `account` is the caller's; None is any.
    """

    service: str
    operation: str
    code: str
    status: int
    moment: Moment
    account: str | None

    @property
    def is_silent(self) -> bool:
        """Whether there is no answer at all."""
        return self.code == LOST_ANSWER

    def meets(self, service: str, operation: str, account: str) -> bool:
        """Whether it is about this call."""
        return (self.service, self.operation) == (service, operation) and self.account in (None, account)


class Failures:
    """Planned failures, each of one call, first planned first met. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._planned: list[Failure] = []

    def plan(
        self,
        service: str,
        operation: str,
        error: str,
        *,
        times: int = 1,
        account: str | None = None,
        moment: Moment = "before",
    ) -> None:
        """Let the next `times` calls of an operation fail: each attempt of a client that tries again is a call.

        `error` is the name or the code of an error that the operation can fail with, or LostAnswer. Raises ValueError,
        which names what is allowed, for anything that AWS doesn't have.
        """
        if times < 1:
            raise ValueError(f"times: found {times}; allowed: 1 or more")
        if moment not in ("before", "after"):
            raise ValueError(f"moment: found {moment!r}; allowed: before, after")
        code, status = _known(service, operation, error)
        with self._lock:
            self._planned.extend([Failure(service, operation, code, status, moment, account)] * times)

    def take(self, service: str, operation: str, account: str) -> Failure | None:
        """What becomes of the call that begins now, taken out of the plan; None: nothing in particular."""
        with self._lock:
            for number, planned in enumerate(self._planned):
                if planned.meets(service, operation, account):
                    return self._planned.pop(number)
        return None

    @property
    def left(self) -> int:
        """How many are planned that no call has met."""
        with self._lock:
            return len(self._planned)

    def clear(self) -> None:
        """Plan nothing any more."""
        with self._lock:
            self._planned.clear()


def errors_of(service: str, operation: str) -> dict[str, tuple[str, int]]:
    """The code and the status of each error of an operation, by its name and by its code. ValueError: no such one."""
    try:
        model = service_model(service)
    except UnknownServiceError:
        found = ", ".join(sorted(session().get_available_services()))
        raise ValueError(f"service: found {service!r}; allowed: {found}") from None
    if operation not in model.operation_names:
        allowed = ", ".join(sorted(model.operation_names))
        raise ValueError(f"operation: found {operation!r}; allowed for {service}: {allowed}")
    common = OF_S3 if service == "s3" else OF_QUERIES if model.protocol == "query" else COMMON
    known = {code: (code, status) for code, status in common.items()}
    for shape in model.operation_model(operation).error_shapes:
        error = shape.metadata.get("error", {})
        code: str = error.get("code") or shape.name
        known[shape.name] = known[code] = (code, error.get("httpStatusCode") or _status(shape))
    return known


def _known(service: str, operation: str, error: str) -> tuple[str, int]:
    known = errors_of(service, operation) | {LOST_ANSWER: (LOST_ANSWER, 0)}
    if error not in known:
        raise ValueError(f"error: found {error!r}; allowed for {service} {operation}: {', '.join(sorted(known))}")
    return known[error]


def _status(shape: Shape) -> int:
    """The status of an error whose model gives none: AWS marks its own faults, botocore's shapes leave that out."""
    raw: dict[str, Any] = vars(shape)["_shape_model"]
    return _FAULT if raw.get("fault") else _REFUSAL


failures = Failures()
"""Those of this process."""
