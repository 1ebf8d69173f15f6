"""The stack in the governance account: what it is made of, and that it is whole."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from stagegate_cli.connection import calling, no_stack
from stagegate_cli.doctor.check import Examined, Visit

_DEPLOY = "deploy again: make deploy (docs/deploy.md)"


def caller(visit: Visit) -> Iterator[Examined]:
    """Look whose credentials these are, and whether the stack is in their account."""
    who = visit.connection
    found = f"{who.caller}, {who.region}, partition {who.partition}"
    with calling("read the function plan", no_stack(who)):
        plan = who.client("lambda").get_function_configuration(FunctionName=f"{who.prefix}-plan")
    variables = plan.get("Environment", {}).get("Variables", {})
    home = variables.get("STAGEGATE_ACCOUNT")
    problem = "" if home == who.account else f"{found}; the stack takes {home} for its account"
    yield visit.judged("caller", problem, fine=found, mend=_DEPLOY)


def stack(visit: Visit) -> Iterator[Examined]:
    """Look at the CloudFormation stack."""
    who = visit.connection
    with calling("read the stack", f"CloudFormation has no stack {visit.stack} here; --stack names it"):
        found = who.client("cloudformation").describe_stacks(StackName=visit.stack)["Stacks"][0]
    status = found["StackStatus"]
    fine = status in ("CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE", "UPDATE_ROLLBACK_COMPLETE")
    yield visit.judged(
        "stack", "" if fine else f"{visit.stack} is {status}", fine=f"{visit.stack} is {status}", mend=_DEPLOY
    )
    yield visit.judged(
        "termination protection",
        "" if found.get("EnableTerminationProtection") else "off",
        fine="on",
        mend="aws cloudformation update-termination-protection --enable-termination-protection --stack-name"
        f" {visit.stack}",
    )


def functions(visit: Visit) -> Iterator[Examined]:
    """Look whether all functions are of one release, have the same rules, and can run."""
    who = visit.connection
    found: list[Any] = []
    with calling("list the functions"):
        for page in who.client("lambda").get_paginator("list_functions").paginate():
            found += [each for each in page["Functions"] if each["FunctionName"].startswith(f"{who.prefix}-")]
    layers = Counter(tuple(sorted(layer["Arn"] for layer in each.get("Layers", ()))) for each in found)
    usual = layers.most_common(1)[0][0] if layers else ()
    others = [
        each["FunctionName"] for each in found if tuple(sorted(la["Arn"] for la in each.get("Layers", ()))) != usual
    ]
    problem = f"no function begins with {who.prefix}-" if not found else ""
    if others:
        problem = f"{', '.join(others)} have other layers than the other {len(found) - len(others)}"
    yield visit.judged("functions", problem, fine=f"{len(found)} functions of one release", mend=_DEPLOY)


def ledger(visit: Visit) -> Iterator[Examined]:
    """Look whether the table is there, can't be deleted by mistake, and can be restored."""
    who = visit.connection
    dynamodb = who.client("dynamodb")
    with calling("read the ledger's table", no_stack(who)):
        table = dynamodb.describe_table(TableName=who.table)["Table"]
        backups = dynamodb.describe_continuous_backups(TableName=who.table)["ContinuousBackupsDescription"]
    problems = [] if table["TableStatus"] == "ACTIVE" else [f"it is {table['TableStatus']}"]
    if not table.get("DeletionProtectionEnabled"):
        problems.append("anybody who may can delete it")
    if backups.get("PointInTimeRecoveryDescription", {}).get("PointInTimeRecoveryStatus") != "ENABLED":
        problems.append("it has no point-in-time recovery")
    yield visit.judged("ledger", "; ".join(problems), fine=f"{who.table}, protected, restorable", mend=_DEPLOY)


def key(visit: Visit) -> Iterator[Examined]:
    """Look whether the stack's key can be used."""
    who = visit.connection
    with calling("read the stack's key", no_stack(who)):
        found = who.client("kms").describe_key(KeyId=f"alias/{who.prefix}")["KeyMetadata"]
    state = found["KeyState"]
    problem = "" if state == "Enabled" else f"it is {state}: nothing can be read or written"
    yield visit.judged("key", problem, fine=f"alias/{who.prefix} is {state}", mend="enable it, or cancel its deletion")
