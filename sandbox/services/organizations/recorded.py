"""CloudTrail's records of Organizations, which lie in the one Region that it is called in.

https://docs.aws.amazon.com/organizations/latest/userguide/orgs_cloudtrail-integration.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any

from moto.core.exceptions import ServiceException

from sandbox.kernel.clock import clock
from sandbox.kernel.place import PARTITION, home_of
from sandbox.kernel.wire.protocol import Json
from sandbox.services import cloudtrail
from sandbox.services.organizations.models import OrganizationsBackend

HOME = home_of("organizations", PARTITION)
"""The Region of its endpoint, and so of its records: us-east-1 in `aws`."""

Operation = Callable[[OrganizationsBackend, Mapping[str, Any]], Json]


def recorded(name: str, operation: Operation) -> Operation:
    """The same operation, whose calls CloudTrail records, also those that are refused."""

    def run(backend: OrganizationsBackend, request: Mapping[str, Any]) -> Json:
        record = partial(cloudtrail.emit_api_call, "organizations", backend.account_id, HOME, name, request)
        try:
            answer = operation(backend, request)
        except ServiceException as error:
            record(None, (error.code, error.message))
            raise
        record(answer)
        return answer

    return run


def departed(management_account: str, account: str, method: str) -> None:
    """AccountDepartedOrganization, in the management account's trail alone: `method` is LEFT or REMOVED.

    botocore: "LeaveOrganization", "RemoveAccountFromOrganization".
    """
    details = {
        "accountId": account,
        "departureMethod": method,
        "departureTime": f"{datetime.fromtimestamp(clock.now(), UTC):%Y-%m-%dT%H:%M:%SZ}",
    }
    cloudtrail.emit_service_event("organizations", management_account, HOME, "AccountDepartedOrganization", details)
