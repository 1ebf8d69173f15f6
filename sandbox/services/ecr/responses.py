"""ECR's operations: ours for policies and layers, moto's for the rest."""

from __future__ import annotations

from typing import ClassVar

from moto.ecr.models import ECRBackend, ecr_backends
from moto.ecr.responses import ECRResponse

from sandbox.kernel.wire.protocol import ExtendedResponse
from sandbox.services.ecr import layers, policies


class EcrResponse(ExtendedResponse, ECRResponse):
    """Repositories, their policies and images."""

    service = "ecr"
    backends = ecr_backends
    operations: ClassVar = {
        "DeleteRepositoryPolicy": policies.delete_repository_policy,
        "GetDownloadUrlForLayer": layers.get_download_url_for_layer,
        "GetRepositoryPolicy": policies.get_repository_policy,
        "SetRepositoryPolicy": policies.set_repository_policy,
    }
    invalid_request = "InvalidParameterException"

    @property
    def ecr_backend(self) -> ECRBackend:
        """For moto's operations: the registry that the request names, or the caller's own.

        Whether the caller may reach into that account is for authorization to say, before the backend is asked.
        """
        return ecr_backends[self._get_param("registryId") or self.current_account][self.region]
