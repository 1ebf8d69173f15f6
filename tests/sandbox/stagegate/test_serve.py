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


def test_a_signal_stops_it_cleanly(served: tuple[subprocess.Popen[str], list[str]]) -> None:
    process, _ = served
    assert process.stdout is not None
    process.send_signal(signal.SIGTERM)
    rest = process.stdout.read()
    assert process.wait(10) == 0
    assert rest.rstrip().endswith("stopped")
    assert "execution" in rest


def test_wrong_settings_are_told_on_one_line(tmp_path: Path) -> None:
    settings = tmp_path / "governance.toml"
    settings.write_text("[[stages]\n")
    command = [sys.executable, "-m", "sandbox", "--settings", str(settings)]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 2
    assert ended.stderr.startswith(f"{settings}:1: ")
