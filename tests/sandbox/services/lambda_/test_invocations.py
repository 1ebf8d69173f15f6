"""Functions in their own processes."""

import io
import json
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto.server import ThreadedMotoServer

from sandbox.kernel.clock import clock
from sandbox.services import lambda_
from sandbox.services.cloudwatch import alarms
from sandbox.services.lambda_.code.dependencies import MARKER, DependencyMismatchError, link, locked
from sandbox.services.lambda_.code.files import files
from sandbox.services.lambda_.metrics import embedded

ACCOUNT = "111122223333"
LOCK = Path(__file__).parents[4] / "requirements" / "layer.txt"


def zipped(contents: dict[str, str]) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        for name, text in contents.items():
            file.writestr(name, text)
    return archive.getvalue()


@pytest.fixture
def deploy(admin: Any, make_role: Any) -> Callable[..., None]:
    files.lock_file = LOCK

    def make(
        source: str,
        *,
        name: str = "f",
        trusted: str = "lambda.amazonaws.com",
        layers: list[dict[str, str]] | None = None,
        **fields: Any,
    ) -> None:
        role = make_role(f"{name}-role", trusted, {"Action": ["sns:ListTopics", "sqs:SendMessage"]})
        arns = [
            admin("lambda").publish_layer_version(LayerName=f"l{number}", Content={"ZipFile": zipped(layer)})[
                "LayerVersionArn"
            ]
            for number, layer in enumerate(layers or [])
        ]
        admin("lambda").create_function(
            FunctionName=name,
            Runtime="python3.13",
            Role=role,
            Handler="app.handler",
            Code={"ZipFile": zipped({"app.py": source})},
            Layers=arns,
            **fields,
        )

    return make


@pytest.fixture
def invoke(admin: Any) -> Callable[..., Any]:
    def call(payload: Any = None, name: str = "f", **fields: Any) -> Any:
        answer = admin("lambda").invoke(FunctionName=name, Payload=json.dumps(payload).encode(), **fields)
        body = answer["Payload"].read()
        return (answer.get("FunctionError"), json.loads(body) if body else None)

    return call


def test_the_handler_sees_its_own_environment_and_lambdas(deploy: Any, invoke: Any) -> None:
    deploy(
        "import os\n"
        "def handler(event, context):\n"
        "    e = os.environ\n"
        "    return [event, e['COLOUR'], context.function_name, e['AWS_REGION'], 'PYTEST_CURRENT_TEST' in e]",
        Environment={"Variables": {"COLOUR": "red"}},
    )
    assert invoke({"a": "ü"}) == (None, [{"a": "ü"}, "red", "f", "us-east-1", False])


def test_a_worker_stays_warm_and_is_replaced_when_the_function_changes(deploy: Any, invoke: Any, admin: Any) -> None:
    deploy("import os\nN = []\ndef handler(event, context):\n    N.append(1)\n    return [os.getpid(), len(N)]")
    _, (first, one) = invoke()
    _, (second, two) = invoke()
    assert (first, one, two) == (second, 1, 2)
    admin("lambda").update_function_configuration(FunctionName="f", Environment={"Variables": {"X": "1"}})
    assert invoke()[1][1] == 1


def test_an_exception_is_the_answer_with_its_class_name(deploy: Any, invoke: Any) -> None:
    deploy("class RefusedError(Exception): pass\ndef handler(event, context):\n    raise RefusedError('no \"way\"')")
    kind, error = invoke()
    assert kind == "Unhandled"
    assert (error["errorType"], error["errorMessage"]) == ("RefusedError", 'no "way"')


def test_a_module_that_can_not_be_imported_is_told(deploy: Any, invoke: Any) -> None:
    deploy("import moto")
    kind, error = invoke()
    assert (kind, error["errorType"]) == ("Unhandled", "ModuleNotFoundError")


def test_a_function_that_takes_too_long_is_killed(deploy: Any, invoke: Any) -> None:
    deploy("import time\ndef handler(event, context):\n    time.sleep(event)\n    return 'done'", Timeout=1)
    started = time.monotonic()
    kind, error = invoke(30)
    assert (kind, error["errorType"]) == ("Unhandled", "Sandbox.Timedout")
    assert time.monotonic() - started < 5
    assert invoke(0) == (None, "done")


@pytest.mark.parametrize(("moment", "written"), [("before", 0), ("after", 1)])
def test_a_planned_crash_comes_before_or_after_the_handler(
    deploy: Any, invoke: Any, admin: Any, moment: Any, written: int
) -> None:
    deploy("def handler(event, context):\n    print('was here')\n    return 1")
    lambda_.faults.crash("f", moment)
    assert invoke()[1]["errorType"] == "Runtime.ExitError"
    assert invoke() == (None, 1)  # its lines come after those of the process that has died
    events = admin("logs").filter_log_events(logGroupName="/aws/lambda/f")["events"]
    assert sum(event["message"] == "was here" for event in events) == written + 1


def test_layers_lie_over_each_other_and_paths_in_opt_are_found(deploy: Any, invoke: Any) -> None:
    deploy(
        "import os, both\n"
        "def handler(event, context):\n"
        "    return [both.WHO, open(os.environ['RULES']).read(), os.environ['GONE']]",
        layers=[{"python/both.py": "WHO = 'first'", "rules.txt": "rules"}, {"python/both.py": "WHO = 'second'"}],
        Environment={"Variables": {"RULES": "/opt/rules.txt", "GONE": "/opt/gone.txt"}},
    )
    assert invoke() == (None, ["second", "rules", "/opt/gone.txt"])


def test_the_dependencies_layer_brings_the_locked_packages_and_no_others(deploy: Any, invoke: Any) -> None:
    deploy(
        "import boto3, importlib.util as u\n"
        "def handler(event, context):\n"
        "    return [boto3.__version__, u.find_spec('moto') is None, u.find_spec('jmespath') is None]",
        layers=[{MARKER: ""}],
        Timeout=30,
    )
    assert invoke() == (None, [locked(LOCK)["boto3"], True, False])


def test_a_lock_that_differs_from_what_is_installed_is_refused(tmp_path: Path) -> None:
    lock = tmp_path / "layer.txt"
    lock.write_text("boto3==1.0.0 \\\n    --hash=sha256:00\nno-such-thing==3\nother==1 ; sys_platform == 'win32'\n")
    with pytest.raises(
        DependencyMismatchError, match=r"boto3: layer.txt locks 1.0.0.*no-such-thing==3 is not installed"
    ) as caught:
        link(lock, tmp_path / "out")
    assert "other" not in str(caught.value)


def test_calls_are_made_with_the_functions_role(deploy: Any, invoke: Any) -> None:
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    lambda_.pool.endpoint_url = "http://{}:{}".format(*server.get_host_and_port())
    try:
        deploy(
            "import boto3\n"
            "def handler(event, context):\n"
            "    try: boto3.client('sns').create_topic(Name='x')\n"
            "    except Exception as error: refused = str(error)\n"
            "    topics = boto3.client('sns').list_topics()['Topics']\n"
            "    return [len(topics), boto3.client('sts').get_caller_identity()['Arn'], refused]",
            layers=[{MARKER: ""}],
            Timeout=30,
        )
        kind, (topics, arn, refused) = invoke()
    finally:
        server.stop()
    assert (kind, topics, arn) == (None, 0, f"arn:aws:sts::{ACCOUNT}:assumed-role/f-role/f")
    assert "sns:CreateTopic" in refused


def test_a_role_that_does_not_trust_lambda_can_not_run(deploy: Any, invoke: Any) -> None:
    deploy("def handler(event, context): return 1", trusted="states.amazonaws.com")
    with pytest.raises(ClientError, match="can't assume"):
        invoke()


def test_output_is_in_the_log_group_and_embedded_metrics_are_counted(
    deploy: Any, invoke: Any, admin: Any, eventually: Any
) -> None:
    line = {
        "_aws": {"CloudWatchMetrics": [{"Namespace": "N", "Dimensions": [["service"]], "Metrics": [{"Name": "M"}]}]},
        "service": "s",
        "M": [2.0],
    }
    deploy(f"def handler(event, context):\n    print({json.dumps(line)!r})")
    invoke()
    eventually(lambda: len(admin("cloudwatch").list_metrics(Namespace="N")["Metrics"]) == 1)
    events = admin("logs").filter_log_events(logGroupName="/aws/lambda/f")["events"]
    assert json.dumps(line) in [event["message"] for event in events]
    assert list(embedded("plain text")) == []


def test_an_asynchronous_failure_is_tried_three_times_and_kept(
    deploy: Any, invoke: Any, admin: Any, make_queue: Any, messages: Any, eventually: Any
) -> None:
    queue = make_queue("failed")
    deploy("def handler(event, context):\n    print('trying')\n    raise ValueError('never')")
    admin("lambda").put_function_event_invoke_config(
        FunctionName="f", DestinationConfig={"OnFailure": {"Destination": queue}}
    )
    invoke({"a": 1}, InvocationType="Event")
    eventually(lambda: lambda_.invocations.open == 0)
    record = json.loads(messages(queue)[0]["Body"])
    assert record["requestPayload"] == {"a": 1}
    assert record["requestContext"]["approximateInvokeCount"] == 3
    assert record["responsePayload"]["errorType"] == "ValueError"
    events = admin("logs").filter_log_events(logGroupName="/aws/lambda/f")["events"]
    assert sum(event["message"] == "trying" for event in events) == 3


def test_at_most_two_invocations_run_at_once(deploy: Any, invoke: Any, eventually: Any) -> None:
    deploy("import time\ndef handler(event, context):\n    time.sleep(2)", Timeout=10)
    started = clock.now()
    for _ in range(4):
        invoke(InvocationType="Event")
    eventually(lambda: lambda_.invocations.open == 0)
    assert clock.now() - started > 4


WORKS = """
import datetime, os, threading, time
def clocks():
    return [time.time(), time.time_ns() / 1e9, datetime.datetime.now(datetime.UTC).timestamp()]
def handler(event, context):
    before, monotonic = clocks(), time.monotonic()
    if event == "hang":
        while True:
            pass
    if event == "beside":
        thread = threading.Thread(target=time.sleep, args=(0.5,))
        thread.start()
        thread.join()
    if isinstance(event, (int, float)):
        time.sleep(event)
    return [os.getpid(), before, clocks(), time.monotonic() - monotonic, context.get_remaining_time_in_millis()]
"""


def test_a_sleep_costs_no_real_time_and_is_seen_on_every_clock(deploy: Any, invoke: Any) -> None:
    deploy(WORKS, Timeout=900)
    invoke()
    real, began = time.monotonic(), clock.now()
    _, (_, before, after, slept, remaining) = invoke(600)
    assert time.monotonic() - real < 60
    assert 600 <= clock.now() - began < 660
    for earlier, later in zip(before, after, strict=True):
        assert began - 0.001 <= earlier
        assert 600 <= later - earlier < 660
        assert later <= clock.now() + 0.001
    assert 600 <= slept < 660
    assert 240_000 < remaining <= 300_000


def test_a_function_at_work_holds_the_clock(deploy: Any, invoke: Any) -> None:
    deploy(WORKS, Timeout=900)
    offset = clock.offset
    invoke("beside")
    assert clock.offset == offset, "it sleeps in one of its threads, and could be at work in another"


def test_a_function_that_hangs_is_stopped_in_real_time(deploy: Any, invoke: Any) -> None:
    deploy(WORKS, Timeout=1)
    invoke()
    real = time.monotonic()
    kind, error = invoke("hang")
    assert (kind, error["errorType"]) == ("Unhandled", "Sandbox.Timedout")
    assert time.monotonic() - real >= 1


def test_a_worker_stays_warm_across_jumps_until_its_credentials_get_old(deploy: Any, invoke: Any) -> None:
    deploy(WORKS, Timeout=900)
    process = invoke(600)[1][0]
    clock.advance(3600)
    assert invoke()[1][0] == process
    clock.advance(86_400)
    assert invoke()[1][0] != process


def test_a_sleep_ends_when_the_clock_is_pushed(deploy: Any, admin: Any, eventually: Any) -> None:
    clock.jumps = False
    deploy(WORKS, Timeout=900)
    admin("lambda").invoke(FunctionName="f", Payload=b"600", InvocationType="Event")
    eventually(lambda: clock.pending() == 2)  # the end of its sleep, and of its time
    clock.advance(601)
    eventually(lambda: lambda_.invocations.open == 0)


def test_the_handlers_time_is_the_sandboxs(deploy: Any, invoke: Any) -> None:
    deploy(
        "import time, datetime\n"
        "def handler(event, context):\n"
        "    now = datetime.datetime.now(datetime.UTC).timestamp()\n"
        "    return [time.time(), now, context.get_remaining_time_in_millis()]"
    )
    invoke()
    clock.advance(86_400)
    _, (seconds, dated, remaining) = invoke()
    assert abs(seconds - clock.now()) < 5
    assert abs(dated - clock.now()) < 5
    assert 0 < remaining <= 3000


def test_errors_are_counted_for_alarms(deploy: Any, invoke: Any, admin: Any, eventually: Any) -> None:
    deploy("def handler(event, context): raise ValueError")
    admin("cloudwatch").put_metric_alarm(
        AlarmName="errors",
        Namespace="AWS/Lambda",
        MetricName="Errors",
        Dimensions=[{"Name": "FunctionName", "Value": "f"}],
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanOrEqualToThreshold",
        TreatMissingData="notBreaching",
    )
    invoke()

    def state() -> str:
        return str(admin("cloudwatch").describe_alarms(AlarmNames=["errors"])["MetricAlarms"][0]["StateValue"])

    eventually(lambda: state() == "ALARM")
    clock.advance(61)
    eventually(lambda: state() == "OK")
    assert alarms.failed_actions == []
