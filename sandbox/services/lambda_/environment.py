"""A function's environment variables: Lambda's own, the function's, and the few that point it at the sandbox."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Any

from sandbox.authorization.service_roles import assume
from sandbox.kernel.clock import clock
from sandbox.kernel.identity import registry

SESSION_S = 12 * 3600
"""How long the credentials in it are good."""
END_OF_OUTPUT = "\x1eend of output of "
"""What a worker writes, with the invocation's id, after all that the invocation has written."""


def environment_of(
    function: Any, task: Path, opt: Path, api_path: str, endpoint_url: str, stream: str
) -> dict[str, str]:
    """The worker's whole environment. `function` is moto's LambdaFunction.

    RoleNotAssumableError if the function's role doesn't trust Lambda.
    https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
    """
    key = f"ASIA{secrets.token_hex(8).upper()}"
    principal = assume("lambda.amazonaws.com", function.role, function.function_name)
    registry.register(key, principal, clock.now() + SESSION_S)
    own = {name: _placed(str(value), opt) for name, value in function.environment_vars.items()}
    return {
        "PATH": os.defpath,
        "LANG": "en_US.UTF-8",
        "TZ": ":UTC",
        "HOME": str(task),
        "PYTHONDONTWRITEBYTECODE": "1",
        "no_proxy": "*",  # the sandbox is on loopback; and macOS can't look up its proxies in a forked process
        "POWERTOOLS_TRACE_DISABLED": "true",  # there is no X-Ray daemon here
        **own,
        "_HANDLER": function.handler,
        "LAMBDA_TASK_ROOT": str(task),
        "LAMBDA_RUNTIME_DIR": str(Path(__file__).parent),
        "AWS_EXECUTION_ENV": f"AWS_Lambda_{function.run_time}",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_RUNTIME_API": api_path,
        "AWS_LAMBDA_FUNCTION_NAME": function.function_name,
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory_size),
        "AWS_LAMBDA_LOG_GROUP_NAME": function.logs_group_name,
        "AWS_LAMBDA_LOG_STREAM_NAME": stream,
        "AWS_REGION": function.region,
        "AWS_DEFAULT_REGION": function.region,
        "AWS_ACCESS_KEY_ID": key,
        "AWS_SECRET_ACCESS_KEY": secrets.token_urlsafe(30),
        "AWS_SESSION_TOKEN": secrets.token_urlsafe(60),
        "AWS_ENDPOINT_URL": endpoint_url,
        "SANDBOX_PYTHON_PATH": os.pathsep.join((str(task), str(opt / "python"))),
        "SANDBOX_CLOCK_OFFSET": repr(clock.offset),
        "SANDBOX_END_OF_OUTPUT": END_OF_OUTPUT,
    }


def _placed(value: str, opt: Path) -> str:
    """A path in /opt as the path of the same file here: this machine's /opt is not the function's."""
    if value.startswith("/opt/") and (opt / value.removeprefix("/opt/")).exists():
        return str(opt / value.removeprefix("/opt/"))
    return value
