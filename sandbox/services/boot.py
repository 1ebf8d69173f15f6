"""The services, empty: before an organization is made of them, or for a test of one of them."""

from __future__ import annotations

from typing import Any

from moto.bedrock.models import bedrock_backends
from moto.bedrockruntime.models import bedrockruntime_backends
from moto.core.base_backend import BackendDict, BaseBackend
from moto.ecr.models import ecr_backends
from moto.iam.models import iam_backends
from moto.kms.models import kms_backends
from moto.organizations.models import organizations_backends
from moto.ram.models import ram_backends
from moto.s3.models import s3_backends
from moto.sagemaker.models import sagemaker_backends

from sandbox.authorization import enforce
from sandbox.kernel import calls
from sandbox.kernel.clock import clock
from sandbox.kernel.delays import Delays, delays
from sandbox.kernel.identity import registry
from sandbox.kernel.place import REGION
from sandbox.kernel.spelling import Spelling, TimeSpelling, spellings
from sandbox.kernel.stale_reads import stale_reads
from sandbox.kernel.wire import contract
from sandbox.kernel.wire import speed as moto_speed
from sandbox.kernel.wire import time as moto_time
from sandbox.kernel.wire.failures import failures
from sandbox.kernel.wire.throttling import throttles
from sandbox.services import authorizations, cloudformation, dynamodb, events, lambda_, stepfunctions
from sandbox.services.bedrock.faults import faults
from sandbox.services.bedrock.models import BedrockBackend
from sandbox.services.bedrock.quotas import quotas as import_quotas
from sandbox.services.bedrock_runtime.models import BedrockRuntimeBackend
from sandbox.services.cloudwatch import alarms
from sandbox.services.ecr.models import EcrBackend
from sandbox.services.iam import policies
from sandbox.services.iam.models import IamBackend
from sandbox.services.kms.models import KmsBackend
from sandbox.services.organizations import organization
from sandbox.services.organizations.models import OrganizationsBackend
from sandbox.services.ram.models import RamBackend
from sandbox.services.s3.models import BucketsBackend
from sandbox.services.sagemaker.hubs import jumpstart
from sandbox.services.sagemaker.models import ServedBackend
from sandbox.services.sagemaker.quotas import quotas
from sandbox.services.sns import outbox


def install() -> None:
    """Register every service with authorization and put it before moto's; call it before they are first used.

    Also forgets what they held (the organization itself is replaced by `organizations.build`), so that a new
    organization begins empty.
    """
    authorizations.register()
    swaps: tuple[tuple[Any, type[BaseBackend]], ...] = (  # Any: moto types each dictionary for its own backend only
        (sagemaker_backends, ServedBackend),
        (ram_backends, RamBackend),
        (organizations_backends, OrganizationsBackend),
        (ecr_backends, EcrBackend),
        (iam_backends, IamBackend),
        (kms_backends, KmsBackend),
        (s3_backends, BucketsBackend),
        (bedrock_backends, BedrockBackend),
        (bedrockruntime_backends, BedrockRuntimeBackend),
    )
    for backends, backend in swaps:
        backends.clear()
        backends.backend = backend
    alarms.install()
    policies.install()
    s3_backends.bucket_accounts.clear()
    stale_reads.clear()
    throttles.clear()
    failures.clear()
    quotas.reset()
    faults.clear()
    import_quotas.reset()
    contract.tolerated.clear()
    jumpstart.provide(REGION)


def fresh(values: Delays | None = None, *, jumps: bool | None = None, spelling: Spelling = Spelling.GIVEN) -> None:
    """Services without anything in them, guarded and wired to each other.

    `values` are the delays, or the defaults; `jumps` is whether the clock jumps, or as the environment says; `spelling`
    is how ARNs have the names of groups.
    """
    forget()
    clock.reset(jumps=jumps)
    moto_speed.install()
    moto_time.install()
    install()
    dynamodb.install()
    enforce.install()
    events.install()
    outbox.install()
    stepfunctions.install()
    lambda_.install()
    lambda_.downloads.install()
    delays.update(values or Delays())
    spellings.arns = spelling
    spellings.times = TimeSpelling.SECONDS


def forget() -> None:
    """Nothing of what was before is left in this process."""
    clock.reset()
    events.deliveries.reset()
    events.schedules.reset()
    alarms.reset()
    outbox.reset()
    lambda_.pool.stop()
    lambda_.invocations.reset()
    lambda_.faults.clear()
    cloudformation.stacks.reset()
    organization._current.clear()  # noqa: SLF001  the next one may be outside any organization
    registry.clear()
    calls.log.clear()
    enforce.uninstall()
    BackendDict.reset()
