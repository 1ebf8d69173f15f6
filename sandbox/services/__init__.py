"""The services whose behaviour the sandbox brings itself, in place of moto's."""

from __future__ import annotations

from typing import Any

from moto.bedrock.models import bedrock_backends
from moto.bedrockruntime.models import bedrockruntime_backends
from moto.core.base_backend import BaseBackend
from moto.ecr.models import ecr_backends
from moto.iam.models import iam_backends
from moto.kms.models import kms_backends
from moto.organizations.models import organizations_backends
from moto.ram.models import ram_backends
from moto.s3.models import s3_backends
from moto.sagemaker.models import sagemaker_backends

from sandbox.kernel import contract
from sandbox.kernel.stale_reads import stale_reads
from sandbox.kernel.throttling import throttles
from sandbox.services.bedrock.faults import faults
from sandbox.services.bedrock.models import BedrockBackend
from sandbox.services.bedrock.quotas import quotas as import_quotas
from sandbox.services.bedrock_runtime.models import BedrockRuntimeBackend
from sandbox.services.ecr.models import EcrBackend
from sandbox.services.iam import policies
from sandbox.services.iam.models import IamBackend
from sandbox.services.kms.models import KmsBackend
from sandbox.services.organizations.models import OrganizationsBackend
from sandbox.services.ram.models import RamBackend
from sandbox.services.s3 import jumpstart
from sandbox.services.s3.models import BucketsBackend
from sandbox.services.sagemaker.models import SageMakerBackend
from sandbox.services.sagemaker.quotas import quotas

REGION = "us-east-1"


def install() -> None:
    """Put the sandbox's services in moto's place; call it before they are first used.

    Also forgets what they held (the organization itself is replaced by `organizations.build`), so that a new
    organization begins empty.
    """
    swaps: tuple[tuple[Any, type[BaseBackend]], ...] = (  # Any: moto types each dictionary for its own backend only
        (sagemaker_backends, SageMakerBackend),
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
    policies.install()
    s3_backends.bucket_accounts.clear()
    stale_reads.clear()
    throttles.clear()
    quotas.reset()
    faults.clear()
    import_quotas.reset()
    contract.tolerated.clear()
    jumpstart.provide(REGION)
