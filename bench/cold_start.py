"""What a function takes before its first event, beside boto3 and the same clients: processor time.

An app keeps what it needs once per process behind functools.cache: that is filled too, as the first event does, and the
floor makes the same clients. Both sides run in fresh processes, in turns, so that a busy machine slows them alike, and
the least disturbed time of each counts.
"""

import json
import math
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import copytree, ignore_patterns

from samtranslator.yaml_helper import yaml_parse

from bench.rows import Row, row
from sandbox.services.lambda_.code.dependencies import link
from tools.byte_code import compile_folder

ROOT = Path(__file__).parents[1]
FUNCTIONS = sorted(path.parent.name for path in (ROOT / "functions").glob("*/app.py"))
GOAL = 1.25
STAND_IN = "arn:aws:service:us-east-1:111122223333:stand-in"

_MEASURE = """
import json, sys, time
made = []
if {watch}:
    import botocore.session
    create = botocore.session.Session.create_client
    def watched(self, service_name, *args, **kwargs):
        made.append(service_name)
        return create(self, service_name, *args, **kwargs)
    botocore.session.Session.create_client = watched
started = time.process_time()
{body}
print(json.dumps({{"seconds": time.process_time() - started, "clients": made}}))
"""
_LOAD_APP = """
import importlib.util
spec = importlib.util.spec_from_file_location("app", {path!r})
app = importlib.util.module_from_spec(spec)
spec.loader.exec_module(app)
for kept in [value for value in vars(app).values() if hasattr(value, "cache_info")]:
    kept()
"""


@dataclass(frozen=True, slots=True)
class Tree:
    """Where the functions lie, how Python is called there, and with which variables."""

    functions: Path
    python: tuple[str, ...]
    variables: Mapping[str, str]

    def run(self, code: str) -> str:
        """Run code in a fresh process, and return what it prints. Raises RuntimeError with what it says if it fails."""
        shared = {"AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "us-east-1"}
        environment = {**os.environ, **shared, **self.variables}
        command = [*self.python, "-c", code]
        result = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603  this Python
        if result.returncode:
            raise RuntimeError(result.stderr)
        return result.stdout


@dataclass(frozen=True, slots=True)
class Start:
    """The least processor time of a function's start, and of the floor's; the clients that both have made."""

    own_s: float
    floor_s: float
    clients: tuple[str, ...]

    @property
    def ratio(self) -> float:
        """How many times the floor's the function's is."""
        return self.own_s / self.floor_s


@contextmanager
def deployed() -> Iterator[Tree]:
    """Functions and layers as they are deployed, with the byte code that a build makes, but for this Python."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        left_out = ignore_patterns("__pycache__")
        link(ROOT / "requirements" / "layer.txt", folder / "installed")
        copytree(folder / "installed", folder / "opt" / "python", ignore=left_out)  # files in place of links
        copytree(
            ROOT / "layers" / "stagegate" / "python", folder / "opt" / "python", ignore=left_out, dirs_exist_ok=True
        )
        copytree(ROOT / "functions", folder / "functions", ignore=left_out)
        compile_folder(folder / "opt", "/opt", sys.executable)
        compile_folder(folder / "functions", "/var/task", sys.executable)
        # -S: without what is installed here beside the layers' packages.
        path = {"PYTHONPATH": str(folder / "opt" / "python"), "PYTHONDONTWRITEBYTECODE": "1", "PYTHONPYCACHEPREFIX": ""}
        yield Tree(folder / "functions", (sys.executable, "-S"), path)


def starts(tree: Tree, function: str) -> Iterator[Start]:
    """Yield the least of so many rounds, without end: a round more tells a busy machine from a slow function."""
    environment = _environment_of(function)
    app = _LOAD_APP.format(path=str(tree.functions / function / "app.py"))
    _, clients = _measured(tree, environment, app, watch=True)
    floor = "\n".join(["import boto3", *(f"boto3.client({service!r})" for service in clients)])
    own = floors = math.inf
    while True:
        own = min(own, _measured(tree, environment, app)[0])
        floors = min(floors, _measured(tree, environment, floor)[0])
        yield Start(own, floors, tuple(clients))


def rows(functions: Iterable[str], rounds: int) -> Iterator[Row]:
    """Yield a row for each function."""
    with deployed() as tree:
        for function in functions:
            *_, found = (start for start, _ in zip(starts(tree, function), range(rounds), strict=False))
            yield row(
                "cold start", function, ours=found.own_s * 1000, beside=found.floor_s * 1000, unit="ms", goal=GOAL
            )


def _measured(tree: Tree, environment: str, body: str, *, watch: bool = False) -> tuple[float, list[str]]:
    """Return the processor seconds of `body` in a fresh process, and the services it made clients for if watched."""
    found = json.loads(tree.run(environment + _MEASURE.format(body=body, watch=watch)).splitlines()[-1])
    return found["seconds"], found["clients"]


def _environment_of(function: str) -> str:
    """Code that sets what the template gives the function, with stand-ins for what CloudFormation would fill in."""
    template = yaml_parse((ROOT / "template.yaml").read_text())
    shared = template.get("Globals", {}).get("Function", {}).get("Environment", {}).get("Variables", {})
    own = next(
        resource["Properties"].get("Environment", {}).get("Variables", {})
        for resource in template["Resources"].values()
        if resource["Type"] == "AWS::Serverless::Function" and Path(resource["Properties"]["CodeUri"]).name == function
    )
    values = {name: value if isinstance(value, str) else STAND_IN for name, value in {**shared, **own}.items()}
    settings = ROOT / "layers" / "settings" / "governance.toml"
    values |= {"STAGEGATE_SETTINGS": str(settings)}
    values |= {"STAGEGATE_ACCOUNT": STAND_IN.split(":")[4]}  # approvers are of it
    return f"import os\nos.environ.update({values!r})\n"
