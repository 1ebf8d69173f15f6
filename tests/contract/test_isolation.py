"""No test talks to anybody but this machine."""

import socket

import pytest
from pytest_socket import SocketConnectBlockedError


def test_the_loopback_is_open() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname(), timeout=5):
        connection, _ = server.accept()
        connection.close()


@pytest.mark.filterwarnings("ignore:A test tried to use socket")
def test_everything_else_is_closed() -> None:
    with pytest.raises(SocketConnectBlockedError), socket.socket() as outside:
        outside.connect(("192.0.2.1", 443))  # an address for documentation: RFC 5737
