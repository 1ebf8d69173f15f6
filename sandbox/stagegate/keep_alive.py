"""How the endpoint answers: over one connection for as long as its client keeps it.

werkzeug's own handler closes each connection after an answer, and waits a moment for what else comes. A function's
client makes a dozen requests in a row.
"""

from __future__ import annotations

import io
import traceback
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from moto.moto_server.werkzeug_app import MotoRequestHandler

_WITHOUT_BODY = {int(HTTPStatus.NO_CONTENT), int(HTTPStatus.NOT_MODIFIED)}
_LEFT_TO_THIS = {"connection", "content-length", "transfer-encoding"}


class KeepAlive(MotoRequestHandler):
    """Reads a request to its end before it is answered, so that the next one begins where it should."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    """Headers and body leave together."""

    def run_wsgi(self) -> None:
        """Answer one request; with 500 where the application breaks."""
        environ = self.make_environ()
        environ["wsgi.input"] = io.BytesIO(self._body(environ))
        environ["wsgi.input_terminated"] = True
        try:
            answer = self._answered(environ)
        except Exception:  # noqa: BLE001  whatever it is, its client isn't left without an answer
            self.server.log("error", "%s", traceback.format_exc())
            answer = ("500 Internal Server Error", [], b"")
        self._answer(*answer)

    def _answered(self, environ: dict[str, Any]) -> tuple[str, list[tuple[str, str]], bytes]:
        begun: list[tuple[str, list[tuple[str, str]]]] = []

        def start(status: str, headers: list[tuple[str, str]], _: Any = None) -> Callable[[bytes], object]:
            begun[:] = [(status, headers)]
            return written.append

        written: list[bytes] = []
        answered = self.server.app(environ, start)
        try:
            written.extend(answered)
        finally:
            if hasattr(answered, "close"):
                answered.close()
        ((status, headers),) = begun
        return status, headers, b"".join(written)

    def _body(self, environ: dict[str, Any]) -> bytes:
        if environ.get("wsgi.input_terminated"):  # sent in chunks, whose end the stream knows
            body: bytes = environ["wsgi.input"].read()
            return body
        whole: bytes = self.rfile.read(int(environ.get("CONTENT_LENGTH") or 0))
        return whole

    def _answer(self, status: str, headers: list[tuple[str, str]], body: bytes) -> None:
        code, _, reason = status.partition(" ")
        self.send_response(int(code), reason)
        given = {name.lower(): value for name, value in headers}
        for name, value in headers:
            if name.lower() not in _LEFT_TO_THIS:
                self.send_header(name, value)
        if self.command == "HEAD":  # as long as what GET would answer
            self.send_header("Content-Length", given.get("content-length", "0"))
        elif int(code) not in _WITHOUT_BODY:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD" and int(code) not in _WITHOUT_BODY:
            self.wfile.write(body)
        self.wfile.flush()
