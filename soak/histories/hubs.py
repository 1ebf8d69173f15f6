"""The private hub: what AWS publishes and withdraws behind it, what people do to it, and whether it is right."""

from __future__ import annotations

from botocore.exceptions import ClientError

from sandbox.kernel.identity import session
from sandbox.kernel.place import REGION
from sandbox.kernel.wire.transport import client
from sandbox.services.sagemaker.hubs.catalogue import Entry
from sandbox.stagegate.members import GOVERNANCE
from soak.histories.world import World
from soak.histories.wrong import Wrong, WrongError
from soak.oracle import hubs as oracle

HUB = "soak-models"
ARN = f"arn:aws:sagemaker:{REGION}:{GOVERNANCE}:hub/{HUB}"
_FLOOR = "soak-floor"
_BEGINNING = ("soak-llm-a", "soak-llm-b", "soak-llm-preview", _FLOOR, "others-llm")
_KIND = "ModelReference"


def begin(world: World) -> None:
    """The public hub has a few models."""
    world.organization.public_hub.refill(Entry(id=name, version="1.2.0", framework="meta") for name in _BEGINNING)
    world.published = dict.fromkeys(_BEGINNING, "Supported")


def publish(world: World, number: int) -> None:
    """AWS publishes a model, withdraws one, or deprecates one."""
    hub, name = world.organization.public_hub, f"soak-llm-{'abcdef'[number % 6]}"
    if name not in world.published:
        hub.publish(Entry(id=name, version="1.2.0", framework="meta"))
        world.published[name] = "Supported"
    elif number % 4 == 0:
        hub.set_support_status(name, "Deprecated")
        world.published[name] = "Deprecated"
    else:
        hub.remove(name)
        del world.published[name]
    world.changed["hub"] = world.now()
    world.happened()


def edit(world: World, number: int) -> None:
    """Somebody edits the hub: adds what no rule lets in, takes out what one does, or lowers a minimum."""
    sagemaker, there = world.admin("sagemaker"), references(world)
    if number % 3 == 0 and "others-llm" not in there:
        arn = world.organization.public_hub.model_arn("others-llm")
        sagemaker.create_hub_content_reference(
            HubName=HUB, HubContentName="others-llm", SageMakerPublicHubContentArn=arn
        )
    elif number % 3 == 1 and "soak-llm-a" in there:
        sagemaker.delete_hub_content_reference(HubName=HUB, HubContentType=_KIND, HubContentName="soak-llm-a")
    elif _FLOOR in there:
        sagemaker.update_hub_content_reference(
            HubName=HUB, HubContentType=_KIND, HubContentName=_FLOOR, MinVersion="1.0.0"
        )
    else:
        return
    world.changed["hub"] = world.now()
    world.happened()


def judge(world: World) -> None:
    """It holds what the rules let in, with their minimums, and is open for the stages that they name alone."""
    if world.rules.paused or world.looked.get("hub", 0.0) <= world.changed.get("hub", 0.0):
        return
    hub = next(hub for hub in world.rules.hubs if hub.name == HUB)
    must, found = oracle.holds(hub, world.published), references(world)
    if found != must:
        kind = Wrong.access(found=bool(found - must))
        raise WrongError(kind, f"hub: holds {sorted(found - must)} too much, {sorted(must - found)} too little")
    # What was withdrawn and published anew is listed, and may not be found by the reference to what it was before.
    for name, floor in ((name, floor) for name in sorted(must) if (floor := oracle.minimum(hub, name))):
        described = world.admin("sagemaker").describe_hub_content(
            HubName=HUB, HubContentType=_KIND, HubContentName=name
        )
        if described["ReferenceMinVersion"] != floor:
            raise WrongError(Wrong.OTHER, f"hub: {name} from {described['ReferenceMinVersion']} on, must be {floor}")
    for stage in world.rules.stages:
        for account in stage.accounts:
            closure = world.closures.get(account)
            if closure and (closure.is_closed or closure.turned > world.looked["hub"]):
                continue
            sees = _sees(account)
            if sees != (stage.name in hub.shares):
                raise WrongError(Wrong.access(found=sees), f"hub: {stage.name} sees it: found {sees}")


def references(world: World) -> frozenset[str]:
    """The models that it refers to."""
    found = world.admin("sagemaker").list_hub_contents(HubName=HUB, HubContentType=_KIND, MaxResults=100)
    return frozenset(s["HubContentName"] for s in found["HubContentSummaries"] if s["HubContentStatus"] != "Deleting")


def _sees(account: str) -> bool:
    administrator = session(f"arn:aws:iam::{account}:role/Administrator", "consumer")
    try:
        client("sagemaker", account, administrator).list_hub_contents(HubName=ARN, HubContentType=_KIND)
    except ClientError as error:
        if error.response["Error"]["Code"] in ("AccessDeniedException", "ResourceNotFound"):
            return False
        raise
    return True
