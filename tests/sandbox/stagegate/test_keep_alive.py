"""The endpoint answers one request after the other over one connection."""

import http.client
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest
from werkzeug.serving import make_server

from sandbox.stagegate.keep_alive import KeepAlive


def _application(environ: dict[str, Any], start: Callable[..., object]) -> Iterable[bytes]:
    """Answers with what it was sent, in two parts; /empty with nothing, and /broken never."""
    if environ["PATH_INFO"] == "/broken":
        raise LookupError("nothing is known of it")
    if environ["PATH_INFO"] == "/empty":
        start("204 NO CONTENT", [])
        return []
    start("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "4"), ("Connection", "close")])
    sent = environ["wsgi.input"].read() if environ["PATH_INFO"] == "/read" else b"read"
    return [sent[:2], sent[2:]]


@pytest.fixture
def connection() -> Iterator[http.client.HTTPConnection]:
    server = make_server("127.0.0.1", 0, _application, threaded=True, request_handler=KeepAlive)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    opened = http.client.HTTPConnection("127.0.0.1", server.server_port)
    yield opened
    opened.close()
    server.shutdown()
    server.server_close()
    thread.join()


def _asked(connection: http.client.HTTPConnection, method: str, path: str, body: Any = None) -> tuple[int, bytes]:
    connection.request(method, path, body)
    response = connection.getresponse()
    return response.status, response.read()


def test_a_connection_serves_whatever_is_asked_one_after_the_other(connection: http.client.HTTPConnection) -> None:
    connection.connect()
    first = connection.sock
    assert _asked(connection, "POST", "/read", b"abcd") == (200, b"abcd")
    assert _asked(connection, "POST", "/unread", b"what nobody reads") == (200, b"read")
    assert _asked(connection, "HEAD", "/read") == (200, b"")
    assert _asked(connection, "GET", "/empty") == (204, b"")
    assert _asked(connection, "GET", "/broken") == (500, b"")
    connection.request("PUT", "/read", iter([b"ab", b"cd"]))  # in chunks: nobody says how long it is
    assert connection.getresponse().read() == b"abcd"
    assert connection.sock is first
