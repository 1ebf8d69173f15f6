"""The seam to moto: one table of operations per service, each request and each response held to botocore's model."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from moto.core.base_backend import BackendDict, BaseBackend
from moto.core.common_types import TYPE_RESPONSE
from moto.core.responses import ActionResult, BaseResponse
from moto.core.utils import camelcase_to_underscores

from sandbox.kernel.wire import contract
from sandbox.kernel.wire.errors import NotInSandboxError, aws_error
from sandbox.kernel.wire.throttling import throttles

Json = dict[str, Any]
"""A decoded request or response. `Any`, because its shape is botocore's model, checked when it passes here."""

Operation = Callable[[Any, Any], Json]
"""`operation(backend, request) -> response`; the backend is that of the called account and Region."""

lock = threading.RLock()
"""Held while an operation runs. One for all services: they look into each other (RAM asks whether a card exists)."""


class ServiceResponse(BaseResponse):
    """A service that is exactly its table of operations; every other operation is refused by name.

    Subclasses set `service` (boto3's name), `backends` (moto's dictionary for it) and `operations`, and may change
    `invalid_request` (the error code that the service gives a malformed request) and `regional` (False: one backend
    per partition).
    """

    service: ClassVar[str]
    backends: ClassVar[BackendDict[Any]]
    operations: ClassVar[Mapping[str, Operation]] = {}
    invalid_request: ClassVar[str] = "ValidationException"
    regional: ClassVar[bool] = True

    def __init__(self) -> None:
        # Not super(): between this class and moto's base may stand one of its services, which takes no name.
        BaseResponse.__init__(self, service_name=self.service)
        self.automated_parameter_parsing = True

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        for name in cls.operations:
            setattr(cls, camelcase_to_underscores(name), _method(name))

    @property
    def backend(self) -> BaseBackend:
        """The backend of the called account, in the called Region (or the partition, for a global service)."""
        backend: BaseBackend = self.backends[self.current_account][self.region if self.regional else self.partition]
        return backend

    def call_action(self) -> TYPE_RESPONSE:
        """Answer the request; an operation outside the table gets `NotInSandbox` with its name."""
        operation = self._get_action()
        if operation in self.operations:
            return super().call_action()
        status, headers, body = self.serialized(ActionResult(NotInSandboxError(f"{self.service}:{operation}")))
        return status, headers | {"status": str(status)}, body

    def answer(self, operation: str) -> ActionResult:
        """Check the request, run the operation, check the response."""
        request = self.params
        self._require_valid(operation, request)
        throttles.admit(self.service, operation)
        with lock:
            response = self.operations[operation](self.backend, request)
        response = {name: value for name, value in response.items() if value is not None}
        contract.require_response(self.service, operation, response)
        return ActionResult(response)

    def sent(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        """The request as it was sent: from the body, because moto's parser leaves out what the shape doesn't have."""
        members: Mapping[str, Any] = json.loads(self.body) if self.body else request
        return members

    def _require_valid(self, operation: str, request: Mapping[str, Any]) -> None:
        found = contract.request_violations(self.service, operation, self.sent(request))
        if found:
            count = f"{len(found)} validation error{'s' if len(found) > 1 else ''} detected"
            raise aws_error(self.invalid_request, f"{count} in {operation}: " + "; ".join(map(str, found)))


class ExtendedResponse(ServiceResponse):
    """A service of moto's in which the operations of the table are ours; subclass it together with moto's class."""

    def call_action(self) -> TYPE_RESPONSE:
        """Answer the request: by the table, or as moto does."""
        return super().call_action() if self._get_action() in self.operations else BaseResponse.call_action(self)


def _method(operation: str) -> Callable[[ServiceResponse], ActionResult]:
    """The method by which moto finds an operation: its name in snake case, on the class."""

    def method(self: ServiceResponse) -> ActionResult:
        return self.answer(operation)

    return method


def all_backends(backends: BackendDict[Any], region: str) -> list[Any]:
    """The backends of every account that has one in `region`: what a service sees that sees all accounts."""
    return [account[region] for account in list(backends.values()) if region in dict.keys(account)]
