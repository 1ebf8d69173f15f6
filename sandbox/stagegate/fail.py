"""Let calls in a running sandbox fail: `python -m sandbox fail SERVICE OPERATION ERROR`."""

from __future__ import annotations

import argparse
import configparser
import json
import sys
import urllib.error
import urllib.request
from pathlib import Path

from sandbox.kernel.wire.failures import LOST_ANSWER
from sandbox.stagegate.config import CONFIG
from sandbox.stagegate.endpoint import FAILURES

_EPILOG = f"""
SERVICE and OPERATION are botocore's names (dynamodb UpdateItem, stepfunctions StartExecution); ERROR is one that the
operation can fail with, or {LOST_ANSWER}, which closes the connection in place of an answer. A client that tries again
makes another call: the product's own make four attempts.
"""


def main(arguments: list[str]) -> int:
    """Plan the failures. Returns the exit status: 2 for what AWS doesn't have, 1 where no sandbox is."""
    given = _arguments(arguments)
    posted = {
        "service": given.service,
        "operation": given.operation,
        "error": given.error,
        "times": given.times,
        "account": given.account,
        "moment": given.moment,
    }
    try:
        url = _endpoint(given.config)
        request = urllib.request.Request(  # noqa: S310  http, on loopback
            url + FAILURES, json.dumps(posted).encode(), {"Content-Type": "application/json"}
        )
        urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=10).close()
    except urllib.error.HTTPError as refused:
        print(json.loads(refused.read())["error"], file=sys.stderr)
        return 2
    except (OSError, LookupError) as error:
        print(f"no sandbox answers ({error}): start one with `make sandbox`", file=sys.stderr)
        return 1
    calls = "call" if given.times == 1 else f"{given.times} calls"
    where = f" in {given.account}" if given.account else ""
    effect = "after it has taken effect" if given.moment == "after" else "before it takes effect"
    print(f"the next {calls} of {given.service} {given.operation}{where}: {given.error}, {effect}")
    return 0


def _arguments(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m sandbox fail", description=__doc__, epilog=_EPILOG)
    parser.add_argument("service")
    parser.add_argument("operation")
    parser.add_argument("error")
    parser.add_argument("--times", type=int, default=1, help="how many calls; 1 unless given")
    parser.add_argument("--account", help="the caller's account, by its id or its name; any unless given")
    moments = parser.add_mutually_exclusive_group()
    moments.add_argument(
        "--before", dest="moment", action="store_const", const="before", help="the call has no effect (the default)"
    )
    moments.add_argument(
        "--after", dest="moment", action="store_const", const="after", help="it has all of it, and nobody hears of that"
    )
    parser.set_defaults(moment="before")
    parser.add_argument("--config", type=Path, default=CONFIG, help="the AWS configuration file that the sandbox wrote")
    return parser.parse_args(arguments)


def _endpoint(config: Path) -> str:
    """Where the sandbox of that file listens. LookupError, or OSError where there is no such file."""
    read = configparser.ConfigParser(interpolation=None)
    read.read_string(config.read_text())
    return next(read[section]["endpoint_url"] for section in read.sections())
