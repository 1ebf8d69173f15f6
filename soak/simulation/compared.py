"""Each call without HTTP beside what the wire would have made of it: parameters as the service reads them, and answers
as the client does. Ends everything with DifferentError where anything is different.
"""

from __future__ import annotations

import copy
from collections import Counter
from typing import Any
from urllib.parse import urlencode

from botocore.serialize import create_serializer
from moto.core.request import Request
from moto.core.responses import ActionContext

from sandbox.authorization import wire
from sandbox.kernel.place import REGION
from soak.simulation import direct
from soak.simulation.direct import Operation


class DifferentError(BaseException):
    """The wire would have made something else of it. Nobody but who runs the simulation catches it."""


seen: Counter[str] = Counter()
"""How often each operation was compared, both ways; `service:operation`."""
_sent, _received = direct.SENT, direct.RECEIVED


def install() -> None:
    """Compare every call from now on, in this process and its copies."""
    direct.SENT, direct.RECEIVED = _compare_sent, _compare_received


def _compare_sent(operation: Operation, parameters: dict[str, Any]) -> dict[str, Any]:
    ours = _sent(operation, parameters)
    theirs = _by_wire(operation, parameters)
    if _told(ours) != _told(theirs):
        raise DifferentError(f"{_name(operation)}: sent {ours}, and by HTTP {theirs}")
    seen[f"{_name(operation)} sent"] += 1
    return ours


def _compare_received(context: ActionContext, operation: Operation, result: Any) -> dict[str, Any]:
    theirs = direct.by_wire(context, operation, copy.deepcopy(result))
    ours = _received(context, operation, result)
    if _told(ours) != _told(theirs):
        raise DifferentError(f"{_name(operation)}: answered {ours}, and by HTTP {theirs}")
    seen[f"{_name(operation)} received"] += 1
    return ours


def _by_wire(operation: Operation, parameters: dict[str, Any]) -> dict[str, Any]:
    """The parameters of a request that botocore writes and moto reads, as authorization does."""
    model = operation.model
    written: Any = create_serializer(model.service_model.resolved_protocol).serialize_to_request(parameters, model)
    host = f"https://{model.service_model.endpoint_prefix}.{REGION}.amazonaws.com"
    request = Request.from_primitives(
        method=written["method"],
        url=f"{host}{written['url_path']}?{urlencode(written.get('query_string') or {}, doseq=True)}".rstrip("?"),
        headers=dict(written["headers"]),
        body=written["body"],
    )
    return dict(wire.decode(operation.service, request, "", REGION).parameters)


def _told(value: Any) -> Any:
    """With the types of what JSON tells apart, and in order."""
    if isinstance(value, dict):
        return [(key, _told(each)) for key, each in sorted(value.items())]
    if isinstance(value, list | tuple):
        return [_told(each) for each in value]
    return type(value).__name__, value


def _name(operation: Operation) -> str:
    return f"{operation.service}:{operation.model.name}"
