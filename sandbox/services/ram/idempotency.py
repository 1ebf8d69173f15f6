"""Client tokens: the same request again gets the same answer, another one with the same token is refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sandbox.kernel.wire.errors import NotInSandboxError, aws_error
from sandbox.kernel.wire.protocol import Json
from sandbox.services.ram.models import RamBackend

RamOperation = Callable[[RamBackend, Mapping[str, Any]], Json]

_UNSUPPORTED = ("sources", "permissionTemplateParameters", "resourceShareConfiguration", "permissionVersion")


def idempotent(name: str, operation: RamOperation) -> RamOperation:
    """`operation` with RAM's clientToken. AWS doesn't say how long a token is remembered; here it is for good.

    Also refuses, by name, the parameters of RAM that the sandbox doesn't have.
    """

    def answered(backend: RamBackend, request: Mapping[str, Any]) -> Json:
        for parameter in _UNSUPPORTED:
            if parameter in request:
                raise NotInSandboxError(f"the parameter {parameter} of ram:{name}")
        token = request.get("clientToken")
        if token is None:
            return operation(backend, request)
        before = backend.answers.get((name, token))
        if before is None:
            answer = operation(backend, request) | {"clientToken": token}
            backend.answers[name, token] = (dict(request), answer)
            return answer
        if before[0] != request:
            message = f"The client token {token} was used with other parameters of {name}."
            raise aws_error("IdempotentParameterMismatchException", message)
        return before[1]

    return answered
