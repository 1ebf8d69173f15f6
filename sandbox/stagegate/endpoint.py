"""The HTTP endpoint on loopback: AWS's APIs, and at paths of the sandbox's own, what is to fail, and layers."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from sandbox.services.lambda_ import downloads
from sandbox.stagegate.keep_alive import KeepAlive

HOST = "127.0.0.1"
FAILURES = "/sandbox/failures"
"""POST a JSON object here; the answer is {} with 200, or {"error": TEXT} with 400. No path of AWS's begins so."""
_JSON = "application/json"

_LOOKS_WHETHER_TO_STOP_EVERY_S = 0.02
"""The server's own half a second would be waited for in every test that makes an organization."""

Control = Callable[..., None]
"""Takes the members of what was posted; raises ValueError for a value that it doesn't understand."""
_TYPES = {"service": str, "operation": str, "error": str, "times": int, "account": str, "moment": str}
_NEEDED = {"service", "operation", "error"}


class Endpoint:
    """A server on a thread of its own, from its making until `stop`."""

    def __init__(self, port: int, fail: Control) -> None:
        """Listen on that port, 0 for a free one; raises OSError where it is taken."""
        aws = _aws()

        def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
            if environ.get("PATH_INFO", "").startswith(downloads.PATH):
                return _archive(Request(environ))(environ, start_response)
            if environ.get("PATH_INFO") != FAILURES:
                answer: Iterable[bytes] = aws(environ, start_response)
                return answer
            return _controlled(Request(environ), fail)(environ, start_response)

        self._server = make_server(HOST, port, application, threaded=True, request_handler=KeepAlive)
        self._thread = threading.Thread(
            target=self._server.serve_forever,
            args=(_LOOKS_WHETHER_TO_STOP_EVERY_S,),
            name="sandbox-endpoint",
            daemon=True,
        )
        self._thread.start()
        self.url = f"http://{HOST}:{self._server.server_port}"

    def stop(self) -> None:
        """Listen no more."""
        self._server.shutdown()
        self._thread.join()


@cache
def _aws() -> DomainDispatcherApplication:
    """Return moto's services, whose routes take long to make, once for this process."""
    return DomainDispatcherApplication(create_backend_app)


def _archive(request: Request) -> Response:
    found = downloads.archive(request.path, request.args.get("token", ""))
    return Response(found or b"", status=200 if found else 403, mimetype="application/zip")


def _controlled(request: Request, fail: Control) -> Response:
    # A page in a browser can't send this type to another host without asking, and it is told no.
    if request.method != "POST" or request.mimetype != _JSON:
        return _answer(405, {"error": f"allowed: POST, as {_JSON}"})
    try:
        posted = json.loads(request.get_data())
        if (problem := _problem(posted)) is not None:
            return _answer(400, {"error": problem})
        fail(**{name: value for name, value in posted.items() if value is not None})
    except ValueError as error:
        return _answer(400, {"error": str(error)})
    return _answer(200, {})


def _problem(posted: object) -> str | None:
    """What is wrong with it, None for nothing. A member that is null isn't there."""
    if not isinstance(posted, dict):
        return f"found {posted!r}; allowed: a JSON object"
    given = {name: value for name, value in posted.items() if value is not None}
    for name, value in given.items():
        if name not in _TYPES or type(value) is not _TYPES[name]:
            allowed = ", ".join(f"{each} ({kind.__name__})" for each, kind in _TYPES.items())
            return f"{name}: found {value!r}; allowed: {allowed}"
    missing = sorted(_NEEDED - given.keys())
    return f"{missing[0]}: is missing" if missing else None


def _answer(status: int, content: Mapping[str, str]) -> Response:
    return Response(json.dumps(content), status=status, mimetype=_JSON)
