"""What it costs to fill a private hub, and to find that it is full: `python -m bench.hub_sync [MODELS ...]`.

Beside Stagegate, in the same run and against the same embedded organization: the loop of the published walk-through,
which lists the public hub and makes a reference for each model, in the calls that the SageMaker Python SDK's Hub class
makes for it. Both are given everything that a reference can stand for, and both talk HTTP to the same server. Rules of
Stagegate's that ask the listing alone are measured, and rules that ask the document of every model.

Calls are those to SageMaker, RAM and DynamoDB; the state machine's own are among them. Without MODELS: the published
catalogue, and 5,000 made-up models. Exits 1 if a sync writes more than one call for each reference and one for the hub,
or writes where there is nothing to do.
"""

from __future__ import annotations

import itertools
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from bench.results import table, write
from sandbox.kernel.calls import ApiCall
from sandbox.kernel.delays import Delays
from sandbox.services.sagemaker.hubs import catalogue
from sandbox.stagegate.members import GOVERNANCE, Role
from sandbox.stagegate.organization import ROOT, Organization
from sandbox.stagegate.people import sign_in

SHIPPED = ROOT / "layers" / "settings" / "governance.toml"
PUBLIC_HUB = "SageMakerPublicHub"
PATIENCE_S = 3600.0
ANYTHING = 'deprecated = "flag"\nrestricted = "flag"\n'
LISTING = f'allow = [{{ filter = "true" }}]\n{ANYTHING}'
ASKING = "training_supported == true or not training_supported == true"
DOCUMENTS = f'allow = [{{ filter = "{ASKING}", unknown = "let_in" }}]\n{ANYTHING}'
_COUNTED = frozenset({"sagemaker", "ram", "dynamodb"})
_WRITES = ("Associate", "Create", "Delete", "Update")


@dataclass(frozen=True, slots=True)
class Cost:
    """One sync's. `reads` and `writes` are calls to SageMaker and RAM, `ledger` those to DynamoDB."""

    who: str
    models: int
    references: int
    lists: int
    reads: int
    writes: int
    ledger: int
    states: int
    seconds: float


def main(sizes: Iterable[int | None]) -> int:
    """Measure, print and write the results; return the exit code."""
    costs = [cost for size in sizes for cost in measured(size)]
    rows = [[*_row(cost)] for cost in costs]
    header = ["sync", "models", "references", "List calls", "other reads", "writes", "ledger", "states", "seconds"]
    print(table(header, rows))
    print(f"\nwritten to {write('hub_sync', [dict(zip(header, row, strict=True)) for row in rows])}")
    found = problems(costs)
    print(*found, sep="\n", file=sys.stderr)
    return int(bool(found))


def problems(costs: Iterable[Cost]) -> list[str]:
    """Say what of Stagegate's syncs isn't as promised: a write for each reference, and none where nothing changes."""
    found = []
    for cost in (cost for cost in costs if cost.who.startswith("Stagegate")):
        most = 0 if "again" in cost.who else cost.references + 1
        if cost.writes > most:
            found.append(f"{cost.who}: {cost.writes} writes, {most} at most")
    return found


def measured(models: int | None) -> Iterator[Cost]:
    """Yield the costs of each way, first with an empty hub and then with a full one."""
    delays = Delays(cloudtrail=0.0, ram_association=0.0, hub=0.0, wait_factor=0.01)
    with tempfile.TemporaryDirectory() as folder, Organization.start(SHIPPED, delays=delays) as place:
        if models is not None:
            place.public_hub.refill(catalogue.synthetic(models))
        size = len(place.public_hub.names())
        peer = _client(place)
        peer.create_hub(HubName="by-hand", HubDescription="by hand")
        for again in ("", " again"):
            yield _cost(place, f"walk-through's loop{again}", size, "by-hand", partial(walk_through, peer, "by-hand"))
        settings = Path(folder) / "governance.toml"
        rules = {"by-listing": LISTING, "by-document": DOCUMENTS}
        hubs = "".join(f'[[hubs]]\nname = "{name}"\ndescription = "x"\n{text}' for name, text in rules.items())
        settings.write_text(f"{SHIPPED.read_text()}\n{hubs}")
        place.update_settings(settings)
        if not place.settle(PATIENCE_S):
            raise TimeoutError(f"the sweep after the deployment is not over after {PATIENCE_S:.0f} s")
        for name, again in itertools.product(rules, ("", " again")):
            if not again:
                _forget_the_catalogue(place)
            yield _cost(place, f"Stagegate {name}{again}", size, name, partial(_sync, place, name))


def walk_through(sagemaker: Any, hub: str) -> None:
    """The published loop: list the public hub's models, then make a reference for each, whatever there is already.

    The SDK lists from two files in S3, which the embedded organization doesn't have: here it is the hub's own list.
    """
    request: dict[str, Any] = {"HubName": PUBLIC_HUB, "HubContentType": "Model"}
    arns: list[str] = []
    while True:
        page = sagemaker.list_hub_contents(**request)
        arns += [summary["HubContentArn"] for summary in page["HubContentSummaries"]]
        if "NextToken" not in page:
            break
        request["NextToken"] = page["NextToken"]
    for arn in arns:
        unversioned = arn.rsplit("/", 1)[0]
        try:
            sagemaker.create_hub_content_reference(HubName=hub, SageMakerPublicHubContentArn=unversioned)
        except ClientError as error:
            if error.response["Error"]["Code"] != "ResourceInUse":
                raise


def _sync(place: Organization, hub: str) -> None:
    machine = place.outputs["GovernStateMachine"]
    subject = f"arn:aws:sagemaker:us-east-1:{GOVERNANCE}:hub/{hub}"
    started = len(place.executions())
    place.client("stepfunctions", "governance").start_execution(
        stateMachineArn=machine, input=f'{{"subject": "{subject}"}}'
    )
    if not place.settle(PATIENCE_S):
        raise TimeoutError(f"{hub} is not filled after {PATIENCE_S:.0f} s")
    for run in place.executions()[started:]:
        if run.status != "SUCCEEDED":
            raise RuntimeError(f"{hub}: {run.error}: {run.cause}")


def _forget_the_catalogue(place: Organization) -> None:
    """Make the next sync a first one: the sweep after the deployment, and the hub before, have read documents."""
    table_name, key = place.outputs["LedgerTable"], ["pk", "sk"]
    dynamodb = place.admin("dynamodb", GOVERNANCE)
    found = dynamodb.get_paginator("query").paginate(
        TableName=table_name,
        KeyConditionExpression="pk = :pk",
        ExpressionAttributeValues={":pk": {"S": "PUBLIC#us-east-1"}},
    )
    for item in [item for page in found for item in page["Items"]]:
        dynamodb.delete_item(TableName=table_name, Key={name: item[name] for name in key})


def _cost(place: Organization, who: str, models: int, hub: str, act: Callable[[], None]) -> Cost:
    with _watched(place) as (calls, runs, took):
        act()
    of_hubs = [call for call in calls if call.service != "dynamodb"]
    kinds = Counter(_kind(call.operation) for call in of_hubs)
    return Cost(
        who=who,
        models=models,
        references=len(_references(place, hub)),
        lists=kinds["list"],
        reads=kinds["read"],
        writes=kinds["write"],
        ledger=len(calls) - len(of_hubs),
        states=sum(_states(place, run) for run in runs),
        seconds=took[0],
    )


@contextmanager
def _watched(place: Organization) -> Iterator[tuple[list[ApiCall], list[str], list[float]]]:
    """Fill the lists with the calls and executions of the block, and its seconds."""
    calls, runs, took = list[ApiCall](), list[str](), list[float]()
    mark, known, began = len(place.calls), len(place.executions()), place.clock.now()
    yield calls, runs, took
    took.append(place.clock.now() - began)
    calls += [call for call in place.calls.since(mark) if call.service in _COUNTED]
    runs += [run.execution_arn for run in place.executions()[known:]]


def _kind(operation: str) -> str:
    if operation == "ListHubContents":
        return "list"
    return "write" if operation.startswith(_WRITES) else "read"


def _states(place: Organization, run: str) -> int:
    return sum(event["type"].endswith("StateEntered") for event in place.history(run))


def _references(place: Organization, hub: str) -> list[str]:
    sagemaker = place.admin("sagemaker", GOVERNANCE)
    request: dict[str, Any] = {"HubName": hub, "HubContentType": "ModelReference", "MaxResults": 100}
    names: list[str] = []
    while True:
        page = sagemaker.list_hub_contents(**request)
        names += [summary["HubContentName"] for summary in page["HubContentSummaries"]]
        if "NextToken" not in page:
            return names
        request["NextToken"] = page["NextToken"]


def _client(place: Organization) -> Any:
    """An administrator's client, over HTTP as the functions' are."""
    key = sign_in(Role(GOVERNANCE, "Administrator", "administrator"), "walk-through")
    return boto3.client(
        "sagemaker",
        region_name="us-east-1",
        endpoint_url=place.endpoint_url,
        aws_access_key_id=key.access_key_id,
        aws_secret_access_key=key.secret_access_key,
        aws_session_token=key.session_token,
        config=Config(read_timeout=60, retries={"mode": "standard", "total_max_attempts": 4}),
    )


def _row(cost: Cost) -> Iterator[object]:
    yield from (cost.who, cost.models, cost.references, cost.lists, cost.reads, cost.writes, cost.ledger)
    yield from (cost.states, f"{cost.seconds:.1f}")


if __name__ == "__main__":
    sys.exit(main([int(size) for size in sys.argv[1:]] or [None, 5000]))
