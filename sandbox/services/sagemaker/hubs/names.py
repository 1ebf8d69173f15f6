"""Hubs as callers name them: by name in their own account, by ARN in another's, and AWS's own by its name."""

from __future__ import annotations

import re
from typing import NamedTuple

from sandbox.kernel.clock import clock
from sandbox.kernel.place import PARTITION
from sandbox.kernel.wire.errors import aws_error
from sandbox.services.sagemaker.hubs import public_hub
from sandbox.services.sagemaker.store.backend import SageMakerBackend, backend_for, owner_of
from sandbox.services.sagemaker.store.hub import Hub

KIND = "hub"
_CONTENT_ARN = re.compile(
    rf"arn:{PARTITION}:sagemaker:(?P<region>[a-z0-9-]+):(?P<account>\d{{12}}|aws):hub-content"
    r"/(?P<hub>[^/]+)/(?P<kind>[^/]+)/(?P<name>[^/]+)(/(?P<version>[^/]+))?",
    re.ASCII,
)


class ContentName(NamedTuple):
    """What the ARN of a hub content says."""

    region: str
    account: str
    hub: str
    kind: str
    name: str
    version: str | None

    @property
    def is_public(self) -> bool:
        """Whether it is in AWS's own hub."""
        return self.account == public_hub.OWNER


def content_name(arn: str) -> ContentName | None:
    """The fields of a hub content's ARN, which may end in a version; None for what isn't one."""
    found = _CONTENT_ARN.fullmatch(arn)
    return ContentName(**found.groupdict()) if found else None


def hub_named(backend: SageMakerBackend, name_or_arn: str) -> Hub:
    """The hub that a caller of `backend` names, in any status, or SageMaker's error.

    The public hub answers to its name alone in every account, as the SageMaker Python SDK calls it
    (jumpstart/search.py).
    """
    if name_or_arn == public_hub.NAME:
        name_or_arn = public_hub.arn(backend.region_name)
    owner, name = owner_of(backend, name_or_arn, KIND)
    found = find_hub(owner, name)
    if found is None:
        arn = f"arn:{PARTITION}:sagemaker:{owner.region_name}:{owner.account_id}:hub/{name}"
        raise aws_error("ResourceNotFound", f"Hub {arn} does not exist.")
    return found


def own_hub_named(backend: SageMakerBackend, name_or_arn: str) -> Hub:
    """As `hub_named`, to change what is in it: refused while it is being created or deleted."""
    hub = hub_named(backend, name_or_arn)
    status = hub.status(clock.now())
    if status != "InService":
        raise aws_error("ResourceInUse", f"Hub {hub.arn} can't be changed while it is {status}.")
    return hub


def find_hub(owner: SageMakerBackend, name: str) -> Hub | None:
    """The hub of that name in the account of `owner`, until its deletion has been carried out."""
    if owner.account_id == public_hub.OWNER and name == public_hub.NAME and name not in owner.hubs:
        owner.hubs[name] = public_hub.build(owner.region_name)
    hub = owner.hubs.get(name)
    if hub is not None and hub.deleted_at is not None and hub.deleted_at <= clock.now():
        del owner.hubs[name]
        return None
    return hub


def the_public_hub(region: str) -> Hub:
    """The public hub of a Region."""
    hub = find_hub(backend_for(public_hub.OWNER, region), public_hub.NAME)
    if hub is None:
        raise LookupError("the public hub has no end")
    return hub


def hub_exists(arn: str) -> bool:
    """Whether the hub of that ARN exists in its owner's account, for RAM."""
    _, _, _, region, account, resource = arn.split(":", 5)
    return find_hub(backend_for(account, region), resource.partition("/")[2]) is not None
