"""What runs in a worker: Lambda's runtime client, in the standard library alone.

Fetches invocations from the runtime API, calls the handler, posts what it returned or raised:
https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
Imported by the fork server, or run by itself with the environment already set.
"""

import datetime
import http.client
import importlib
import json
import os
import sys
import threading
import time
import traceback
from collections.abc import Callable


class Times:
    """The time that the function sees: the machine's, and as far ahead as the sandbox's clock is.

    `offset` only changes where the function does nothing: before an invocation, and in its sleep. `asleep`, during an
    invocation, lets the sandbox's clock go on while the function's one thread sleeps.
    """

    def __init__(self) -> None:
        self.offset = 0.0
        self.asleep: Callable[[float], None] | None = None
        self._sleep = time.sleep

    def shift(self) -> None:
        """Let this process see that time, and sleep by it. Before anything else is imported: by whichever name others
        know the clocks then, they know these.
        """
        for name in ("time", "monotonic", "perf_counter"):
            self._shift_clock(name)
        time.sleep = self._slept  # type: ignore[assignment]  # nobody sleeps for an object with an index
        datetime.datetime = _shifted()  # type: ignore[misc]

    def _shift_clock(self, name: str) -> None:
        seconds: Callable[[], float] = getattr(time, name)
        nanoseconds: Callable[[], int] = getattr(time, f"{name}_ns")
        setattr(time, name, lambda: seconds() + self.offset)
        setattr(time, f"{name}_ns", lambda: nanoseconds() + int(self.offset * 1e9))

    def _slept(self, seconds: float) -> None:
        if seconds > 0 and self.asleep is not None and threading.active_count() == 1:
            self.asleep(float(seconds))
        else:
            self._sleep(seconds)


def _shifted() -> type[datetime.datetime]:
    real = datetime.datetime

    class Meta(type):
        def __instancecheck__(cls, instance: object) -> bool:
            return isinstance(instance, real)

    class Shifted(real, metaclass=Meta):  # type: ignore[misc, valid-type]
        @classmethod
        def now(cls, tz: datetime.tzinfo | None = None) -> datetime.datetime:
            return real.fromtimestamp(time.time(), tz)

        @classmethod
        def utcnow(cls) -> datetime.datetime:
            return real.fromtimestamp(time.time(), datetime.UTC).replace(tzinfo=None)

    return Shifted


times = Times()


class Context:
    """The handler's context object, as the Python runtime makes it."""

    identity = None
    client_context = None

    def __init__(self, headers: http.client.HTTPMessage) -> None:
        self.aws_request_id = headers["Lambda-Runtime-Aws-Request-Id"]
        self.invoked_function_arn = headers["Lambda-Runtime-Invoked-Function-Arn"]
        self._deadline_ms = int(headers["Lambda-Runtime-Deadline-Ms"])
        self.function_name = os.environ["AWS_LAMBDA_FUNCTION_NAME"]
        self.function_version = os.environ["AWS_LAMBDA_FUNCTION_VERSION"]
        self.memory_limit_in_mb = os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]
        self.log_group_name = os.environ["AWS_LAMBDA_LOG_GROUP_NAME"]
        self.log_stream_name = os.environ["AWS_LAMBDA_LOG_STREAM_NAME"]

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until the function is stopped."""
        return max(0, self._deadline_ms - int(time.time() * 1000))


def main() -> None:
    """Serve invocations until the process is killed."""
    # The first entry of the path is wherever this file lies; a function sees its code, its layers and the library.
    sys.path[:0] = os.environ["SANDBOX_PYTHON_PATH"].split(os.pathsep)
    times.offset = float(os.environ["SANDBOX_CLOCK_OFFSET"])
    host, _, worker = os.environ["AWS_LAMBDA_RUNTIME_API"].partition("/")
    api = _Api(http.client.HTTPConnection(host), f"/{worker}/2018-06-01/runtime")
    try:
        module, _, name = os.environ["_HANDLER"].rpartition(".")
        handler = getattr(importlib.import_module(module.replace("/", ".")), name)
    except BaseException as error:  # whatever the module does while it is imported is the function's failure
        traceback.print_exc()
        sys.stdout.flush()
        api.call("POST", "/init/error", _failure(error))
        raise SystemExit(1) from error
    while True:
        headers, body = api.call("GET", "/invocation/next")
        request_id = headers["Lambda-Runtime-Aws-Request-Id"]
        os.environ["_X_AMZN_TRACE_ID"] = headers.get("Lambda-Runtime-Trace-Id", "")
        times.asleep = api.sleep
        try:
            answer = json.dumps(handler(json.loads(body), Context(headers)))
            path = f"/invocation/{request_id}/response"
        except Exception as error:  # noqa: BLE001  the handler's own failure is its answer
            traceback.print_exc()
            answer, path = _failure(error), f"/invocation/{request_id}/error"
        times.asleep = None
        sys.stdout.flush()
        sys.stderr.flush()
        os.write(1, f"{os.environ['SANDBOX_END_OF_OUTPUT']}{request_id}\n".encode())
        api.call("POST", path, answer)


class _Api:
    def __init__(self, connection: http.client.HTTPConnection, root: str) -> None:
        self._connection = connection
        self._root = root

    def call(self, method: str, path: str, body: str | None = None) -> tuple[http.client.HTTPMessage, bytes]:
        self._connection.request(method, self._root + path, body.encode() if body is not None else None)
        response = self._connection.getresponse()
        times.offset = float(response.headers.get("Sandbox-Clock-Offset", times.offset))
        return response.headers, response.read()

    def sleep(self, seconds: float) -> None:
        self.call("POST", "/sleep", repr(seconds))


def _failure(error: BaseException) -> str:
    return json.dumps(
        {
            "errorMessage": str(error),
            "errorType": type(error).__name__,
            "stackTrace": traceback.format_tb(error.__traceback__),
        }
    )


if __name__ == "__main__":
    times.shift()
    main()
