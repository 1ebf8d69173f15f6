"""RAM's backend of one account and Region; moto finds it, and the `urls` beside it, by this module's name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from moto.core.base_backend import BaseBackend
from moto.ram.models import ram_backends

from sandbox.kernel.place import PARTITION
from sandbox.kernel.wire.errors import aws_error
from sandbox.kernel.wire.protocol import Json, all_backends
from sandbox.services.ram.share import Share


class RamBackend(BaseBackend):
    """The shares that one account owns in one Region, and what it answered to which client token."""

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.shares: dict[str, Share] = {}
        self.answers: dict[tuple[str, str], tuple[Mapping[str, Any], Json]] = {}

    def share(self, arn: str) -> Share:
        """A share of this account that has not been deleted, or the error RAM gives for another."""
        if not arn.startswith(f"arn:{PARTITION}:ram:"):
            raise aws_error("MalformedArnException", f"The resource share ARN {arn} is not valid.")
        share = self.shares.get(arn)
        if share is None or share.deleted_at is not None:
            raise aws_error("UnknownResourceException", f"ResourceShare {arn} could not be found.")
        return share

    def everyone(self) -> list[Share]:
        """Every share of every account in this Region."""
        return [share for backend in all_backends(ram_backends, self.region_name) for share in backend.shares.values()]


def backend_for(account: str, region: str) -> RamBackend:
    """The backend of an account and Region."""
    backend = ram_backends[account][region]
    if not isinstance(backend, RamBackend):
        raise TypeError("sandbox.services.boot.install() has not run")
    return backend
