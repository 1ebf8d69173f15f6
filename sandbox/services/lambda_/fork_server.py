"""A process that has imported the dependencies once and forks a worker in milliseconds.

A cold Python with boto3 takes a second; twenty of them at once take fifteen. Started with the dependencies' folder as
its argument, it reads requests (JSON: environment, folder) with the worker's output as a file descriptor from the
socket that is its standard input, and answers with the worker's process id. It runs no thread, so forking is safe.
"""

import gc
import importlib
import importlib.util
import json
import os
import signal
import socket
import sys
from pathlib import Path
from typing import Any

PRELOADED = ("boto3", "botocore.auth", "botocore.endpoint", "aws_lambda_powertools", "dacite")
MODELS = (
    "bedrock",
    "dynamodb",
    "ecr",
    "iam",
    "kms",
    "lambda",
    "organizations",
    "ram",
    "s3",
    "sagemaker",
    "sns",
    "sqs",
    "stepfunctions",
    "sts",
)
"""Services whose models are read once for all workers, which is most of what making a client takes."""


def main() -> None:
    """Serve until the sandbox closes the socket."""
    sys.path.append(sys.argv[1])
    here = str(Path(__file__).resolve().parent)
    sys.path.insert(0, here)
    import bootstrap  # type: ignore[import-not-found]  # by its own name: a worker knows nothing of the sandbox

    bootstrap.times.shift()
    sys.path.remove(here)
    for name in PRELOADED:
        if importlib.util.find_spec(name.partition(".")[0]) is not None:
            importlib.import_module(name)
    if "boto3" in sys.modules:
        _read_models()
    sys.path.remove(sys.argv[1])
    gc.freeze()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for workers; the kernel buries them
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to the whole group; the sandbox ends its workers
    connection = socket.socket(fileno=0)
    while (received := _receive(connection)) is not None:
        request, output = received
        pid = os.fork()
        if pid == 0:
            connection.close()
            _become(request, output)
            bootstrap.main()
            os._exit(0)
        os.close(output)
        connection.sendall(f"{pid}\n".encode())


def _read_models() -> None:
    """Let every loader of botocore's know what one has read."""
    import botocore.loaders
    import botocore.session

    known: dict[Any, Any] = {}
    made: Any = botocore.loaders.Loader.__init__

    def make(loader: Any, *arguments: Any, **named: Any) -> None:
        made(loader, *arguments, **named)
        loader._cache = known  # noqa: SLF001  botocore has no other place for it

    botocore.loaders.Loader.__init__ = make  # type: ignore[assignment,method-assign]
    session = botocore.session.get_session()
    session.get_component("endpoint_resolver")
    for service in MODELS:
        session.create_client(service, region_name="us-east-1", aws_access_key_id="-", aws_secret_access_key="-")  # noqa: S106


def _receive(connection: socket.socket) -> tuple[dict[str, Any], int] | None:
    """A request, one line, and the descriptor that came with it; None when the sandbox has gone."""
    message, descriptors, _, _ = socket.recv_fds(connection, 65536, 1)
    if not message:
        return None
    while not message.endswith(b"\n"):
        message += connection.recv(65536)
    return json.loads(message), descriptors[0]


def _become(request: dict[str, Any], output: int) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for descriptor in (1, 2):
        os.dup2(output, descriptor)
    os.close(output)
    os.environ.clear()
    os.environ.update(request["environment"])
    os.chdir(str(request["folder"]))


if __name__ == "__main__":
    main()
