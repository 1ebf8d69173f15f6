"""Serve the embedded organization to any AWS client on this machine: `python -m sandbox`."""

from __future__ import annotations

import argparse
import logging
import signal
import sys
import time
from pathlib import Path

from sandbox.kernel.place import PARTITION, REGION
from sandbox.services.cloudformation.errors import TemplateError
from sandbox.services.cloudformation.stacks import StackError
from sandbox.services.stepfunctions.executions.execution import Execution
from sandbox.stagegate import checked_settings, config
from sandbox.stagegate.organization import Organization

_POLL_S = 0.2


def main(arguments: list[str] | None = None) -> int:
    """Boot, say what to try, print what happens until Ctrl-C or SIGTERM. Returns the exit status."""
    given = _arguments(arguments)
    given.settings = checked_settings.located(given.settings)
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    if (wrong := checked_settings.problem(given.settings)) is not None:
        print(wrong, file=sys.stderr)
        return 2
    stopped = stopped_by_signals()
    try:
        organization = Organization.start(given.settings, port=given.port, jumps=False)
    except (TemplateError, StackError, OSError, ValueError) as error:
        print(f"the sandbox can't start: {error}", file=sys.stderr)
        return 1
    with organization:
        config.write(organization, given.config)
        print(_to_try(organization, given.config), flush=True)
        print("ready", flush=True)
        _report(organization, stopped)
    print("stopped", flush=True)
    return 0


class Stopped:
    """Whether a signal has come, and false until then.

    Without a lock: a handler runs within whatever the main thread is at, a second signal within the first one's
    handler too, and what `threading.Event.set` waits for is then held below it, for good.
    """

    def __init__(self) -> None:
        self._is_so = False

    def __bool__(self) -> bool:
        return self._is_so

    def signalled(self, *_: object) -> None:
        """A signal's handler."""
        self._is_so = True


def stopped_by_signals() -> Stopped:
    """What Ctrl-C and SIGTERM stop from now on."""
    stopped = Stopped()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stopped.signalled)
    return stopped


def _arguments(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    parser.add_argument("--settings", type=Path, default=checked_settings.SHIPPED, help="the governance.toml to try")
    parser.add_argument("--config", type=Path, default=config.CONFIG, help="where to write the AWS configuration file")
    parser.add_argument("--port", type=int, default=0, help="the port on 127.0.0.1; a free one unless given")
    return parser.parse_args(arguments)


def _to_try(organization: Organization, path: Path) -> str:
    arn = f"arn:{PARTITION}:sagemaker:{REGION}:{organization.accounts['governance']}:model-card/my-card"
    stage = next(name for name in organization.profiles if name not in ("governance", "approver", "hosting"))
    machine = organization.outputs.get("GovernStateMachine", "")
    listed = "\n".join(f"  {name:<12} {role.arn}" for name, role in organization.profiles.items())
    return f"""
An AWS organization on {organization.endpoint_url}, with Stagegate deployed. Profiles:
{listed}

In another terminal:
  export AWS_CONFIG_FILE={path}
  aws --profile governance sagemaker create-model-card --model-card-name my-card \\
      --content '{{}}' --model-card-status Draft
  aws --profile {stage} sagemaker describe-model-card --model-card-name {arn}
  aws --profile governance stepfunctions list-executions --state-machine-arn {machine}
  aws --profile governance stepfunctions start-execution --state-machine-arn {machine} \\
      --input '{{"subject": "{arn}", "mode": "plan"}}'
  aws --profile governance ram get-resource-shares --resource-owner SELF
  aws --profile governance logs filter-log-events --log-group-name /aws/lambda/stagegate-plan
  python -m sandbox fail sns Publish InternalError --times 4
Ctrl-C stops it, and forgets everything.
"""


def _report(organization: Organization, stopped: Stopped) -> None:
    """Print executions as they begin and end, and messages as they are published."""
    states: dict[str, str] = {}
    messages = 0
    while not stopped:
        time.sleep(_POLL_S)
        for execution in organization.executions():
            if states.get(execution.execution_arn) != execution.status:
                states[execution.execution_arn] = execution.status
                print(_line(execution), flush=True)
        outbox = organization.outbox
        for message in outbox[messages:]:
            topic = message.topic_arn.rsplit(":", 1)[1]
            print(f"message to {topic}: {message.subject or ''}\n{_indented(message.text)}", flush=True)
        messages = len(outbox)


def _line(execution: Execution) -> str:
    why = f"  {execution.error}: {(execution.cause or '')[:300]}" if execution.error else ""
    return f"execution {execution.name}  {execution.status}{why}"


def _indented(text: str) -> str:
    return "\n".join(f"  | {line}" for line in text.splitlines())
