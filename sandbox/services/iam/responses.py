"""IAM's operations: ours for the simulator, moto's for the rest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from moto.iam.models import iam_backends
from moto.iam.responses import IamResponse

from sandbox.kernel.wire.protocol import ExtendedResponse
from sandbox.services.iam import simulation


class SimulatingResponse(ExtendedResponse, IamResponse):
    """Users, roles and policies, and what they would allow."""

    service = "iam"
    backends = iam_backends
    operations: ClassVar = {
        "SimulateCustomPolicy": simulation.simulate_custom_policy,
        "SimulatePrincipalPolicy": simulation.simulate_principal_policy,
    }
    invalid_request = "InvalidInput"
    regional = False

    def sent(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        """As parsed: the query protocol has no other form."""
        return request
