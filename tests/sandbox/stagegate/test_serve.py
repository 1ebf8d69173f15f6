"""`python -m sandbox` and the unmodified AWS CLI."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
AWS = Path(sys.executable).parent / "aws"


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sandbox") / "config"


@pytest.fixture(scope="module")
def served(config: Path) -> Iterator[tuple[subprocess.Popen[str], list[str]]]:
    command = [sys.executable, "-m", "sandbox", "--config", str(config)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    said: list[str] = []
    for line in process.stdout:
        said.append(line.rstrip("\n"))
        if said[-1] == "ready":
            break
    yield process, said
    process.kill()
    process.wait()


def aws(config: Path, profile: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "AWS_CONFIG_FILE": str(config)}
    environment.pop("AWS_PROFILE", None)
    return subprocess.run(
        [AWS, "--profile", profile, *arguments], env=environment, capture_output=True, text=True, check=False
    )


def test_it_says_what_to_try_and_then_ready(served: tuple[subprocess.Popen[str], list[str]], config: Path) -> None:
    _, said = served
    assert said[-1] == "ready"
    assert any("AWS_CONFIG_FILE" in line for line in said)
    assert config.stat().st_mode & 0o077 == 0


def test_the_cli_creates_a_card_and_reads_its_execution(
    served: tuple[subprocess.Popen[str], list[str]], config: Path
) -> None:
    create = (
        "sagemaker",
        "create-model-card",
        "--model-card-name",
        "c",
        "--content",
        "{}",
        "--model-card-status",
        "Draft",
    )
    created = aws(config, "governance", *create)
    assert created.returncode == 0, created.stderr
    arn = json.loads(created.stdout)["ModelCardArn"]
    refused = aws(config, "hosting", "sagemaker", "describe-model-card", "--model-card-name", arn)
    assert "AccessDenied" in refused.stderr
    machine = "arn:aws:states:us-east-1:111122223333:stateMachine:stagegate-govern"
    value = json.dumps({"subject": arn, "mode": "plan"})
    started = aws(
        config, "governance", "stepfunctions", "start-execution", "--state-machine-arn", machine, "--input", value
    )
    assert started.returncode == 0, started.stderr
    execution = json.loads(started.stdout)["executionArn"]
    described = aws(config, "governance", "stepfunctions", "describe-execution", "--execution-arn", execution)
    assert json.loads(json.loads(described.stdout)["input"]) == {"subject": arn, "mode": "plan"}
    whoami = aws(config, "prod", "sts", "get-caller-identity", "--query", "Arn", "--output", "text")
    assert whoami.stdout.strip() == "arn:aws:sts::444455556666:assumed-role/ModelOperator/prod"


def fail(config: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "sandbox", "fail", *arguments, "--config", str(config)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_somebody_outside_lets_a_call_fail(served: tuple[subprocess.Popen[str], list[str]], config: Path) -> None:
    whoami = ("sts", "get-caller-identity")
    planned = fail(config, "sts", "GetCallerIdentity", "ServiceUnavailable", "--times", "3", "--account", "prod")
    assert (planned.returncode, planned.stderr) == (0, "")
    assert "the next 3 calls of sts GetCallerIdentity in prod: ServiceUnavailable, before" in planned.stdout
    assert aws(config, "governance", *whoami).returncode == 0
    assert "(ServiceUnavailable) when calling" in aws(config, "prod", *whoami).stderr
    assert aws(config, "prod", *whoami).returncode == 0


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["sns", "Publish", "NoSuchError"], "error: found 'NoSuchError'; allowed for sns Publish: "),
        (["sns", "Publish", "InternalError", "--account", "nowhere"], "account: found 'nowhere'; allowed: "),
    ],
)
def test_a_failure_that_can_not_be_is_refused(
    served: tuple[subprocess.Popen[str], list[str]], config: Path, arguments: list[str], told: str
) -> None:
    refused = fail(config, *arguments)
    assert refused.returncode == 2
    assert refused.stderr.startswith(told)


def test_without_a_sandbox_it_says_so(tmp_path: Path) -> None:
    refused = fail(tmp_path / "config", "sns", "Publish", "InternalError")
    assert refused.returncode == 1
    assert "make sandbox" in refused.stderr


INTERRUPTED = """
import signal, sys
from sandbox.stagegate import serve

stopped, left = serve.stopped_by_signals(), 50

def interrupt(_frame, event, _argument):
    global left
    if event == "call" and left:
        left -= 1
        signal.raise_signal(signal.SIGINT)
    return interrupt

sys.settrace(interrupt)
signal.raise_signal(signal.SIGINT)
sys.settrace(None)
print(bool(stopped), left)
"""


def test_a_signal_that_comes_while_another_is_handled_is_handled_within_it() -> None:
    """As when Ctrl-C is pressed twice: here the next one comes whenever the handler of the one before calls
    anything."""
    ended = subprocess.run(
        [sys.executable, "-c", INTERRUPTED], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
    )
    is_stopped, left = ended.stdout.split()
    assert is_stopped == "True"
    assert int(left) < 50


def test_signals_stop_it_cleanly(served: tuple[subprocess.Popen[str], list[str]]) -> None:
    process, _ = served
    assert process.stdout is not None
    process.send_signal(signal.SIGINT)
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) == 0
    rest = process.stdout.read()
    assert rest.rstrip().endswith("stopped")
    assert "execution" in rest


def test_wrong_settings_are_told_on_one_line(tmp_path: Path) -> None:
    settings = tmp_path / "governance.toml"
    settings.write_text("[[stages]\n")
    command = [sys.executable, "-m", "sandbox", "--settings", str(settings)]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 2
    assert ended.stderr.startswith(f"{settings}:1: ")
