"""The HTTP endpoint that AWS clients outside this process talk to: moto's, with the sandbox's guards in it."""

from __future__ import annotations

from functools import cache

from moto.moto_server.threaded_moto_server import ThreadedMotoServer
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import make_server

_LOOKS_WHETHER_TO_STOP_EVERY_S = 0.02


class Endpoint(ThreadedMotoServer):
    """Listens on 127.0.0.1. One of moto's own takes half a second to stop, and makes every service's routes anew."""

    def __init__(self, port: int) -> None:
        super().__init__("127.0.0.1", port, verbose=False)

    def _server_entry(self) -> None:
        self._server = make_server(
            self._ip_address, self._port, _application(), threaded=True, request_handler=MotoRequestHandler
        )
        self._server_ready_event.set()
        self._server.serve_forever(_LOOKS_WHETHER_TO_STOP_EVERY_S)


@cache
def _application() -> DomainDispatcherApplication:
    return DomainDispatcherApplication(create_backend_app)
