"""Studio domains: enough to see whose role a user works with, and what Canvas may do for them.

An update replaces each member of the settings that it gives, whole (`CanvasAppSettings` with all that is in it), and
keeps the others. How deep AWS merges is not documented: who reads, changes and writes back is right either way.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from sandbox.kernel.clock import clock
from sandbox.kernel.delays import delays
from sandbox.kernel.place import PARTITION
from sandbox.kernel.wire.errors import NotInSandboxError, aws_error
from sandbox.kernel.wire.protocol import Json
from sandbox.services.sagemaker.pages import paged
from sandbox.services.sagemaker.recording import recorded, utc
from sandbox.services.sagemaker.store.backend import SageMakerBackend
from sandbox.services.sagemaker.store.domain import Domain

_KEPT = ("DomainName", "AuthMode", "DefaultUserSettings", "SubnetIds", "VpcId")


def create_domain(backend: SageMakerBackend, request: Mapping[str, Any]) -> Json:
    """CreateDomain: Pending for `delays.studio`, then InService; ResourceInUse if the name is taken."""
    with recorded(backend, "CreateDomain", request) as record:
        if unsupported := sorted(set(request) - {*_KEPT, "Tags"}):
            raise NotInSandboxError(f"CreateDomain with {', '.join(unsupported)}")
        name, now = request["DomainName"], clock.now()
        if any(domain.members["DomainName"] == name for domain in backend.domains.values()):
            raise aws_error("ResourceInUse", f"Domain {name} already exists.")
        where = f"{backend.region_name}:{backend.account_id}"
        domain_id = "d-" + hashlib.sha256(f"{where}:{name}".encode()).hexdigest()[:12]
        arn = f"arn:{PARTITION}:sagemaker:{where}:domain/{domain_id}"
        tags = {tag["Key"]: tag["Value"] for tag in request.get("Tags", [])}
        kept = {member: request[member] for member in _KEPT if member in request}
        backend.domains[domain_id] = Domain(arn, domain_id, now, now, now + delays.studio, kept, tags)
        record.response = {"DomainArn": arn, "DomainId": domain_id}
    return record.response


def describe_domain(backend: SageMakerBackend, request: Mapping[str, Any]) -> Json:
    """DescribeDomain, of the caller's own account."""
    domain = domain_of(backend, request["DomainId"])
    return _summary(domain) | domain.members


def update_domain(backend: SageMakerBackend, request: Mapping[str, Any]) -> Json:
    """UpdateDomain: default user settings; ResourceInUse while it is not InService."""
    with recorded(backend, "UpdateDomain", request) as record:
        if unsupported := sorted(set(request) - {"DomainId", "DefaultUserSettings"}):
            raise NotInSandboxError(f"UpdateDomain with {', '.join(unsupported)}")
        domain, now = domain_of(backend, request["DomainId"]), clock.now()
        require_in_service(domain.arn, domain.status(now))
        settings = domain.members["DefaultUserSettings"] | request.get("DefaultUserSettings", {})
        domain.members = domain.members | {"DefaultUserSettings": settings}
        domain.modified_at, domain.settles_at = now, clock.mark(now + delays.studio)
        record.response = {"DomainArn": domain.arn}
    return record.response


def list_domains(backend: SageMakerBackend, request: Mapping[str, Any]) -> Json:
    """ListDomains: the caller's own, oldest first."""
    found = sorted(backend.domains.values(), key=lambda domain: domain.created_at)
    shown, token = paged(found, request)
    return {"Domains": [_summary(domain) for domain in shown], "NextToken": token}


def domain_of(backend: SageMakerBackend, domain_id: str) -> Domain:
    """The domain of that id in this account, or SageMaker's error."""
    domain = backend.domains.get(domain_id)
    if domain is None:
        raise aws_error("ResourceNotFound", f"Domain {domain_id} does not exist.")
    return domain


def require_in_service(arn: str, status: str) -> None:
    """Raise ResourceInUse for what has not settled yet."""
    if status != "InService":
        raise aws_error("ResourceInUse", f"{arn} can't be changed while it is {status}.")


def _summary(domain: Domain) -> Json:
    return {
        "DomainArn": domain.arn,
        "DomainId": domain.id,
        "DomainName": domain.members["DomainName"],
        "Status": domain.status(clock.now()),
        "CreationTime": utc(domain.created_at),
        "LastModifiedTime": utc(domain.modified_at),
        "Url": f"https://{domain.id}.studio.sandbox.sagemaker.aws",
    }
