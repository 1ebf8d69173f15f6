"""Member accounts behind scripted clients."""

from collections.abc import Mapping
from typing import Any, cast

import boto3

from stagegate.aws.sessions import Members
from tests.support.scripted import Scripted


class ScriptedMembers:
    """Stands in for `Members`: every session of an account has its scripted clients. `entered` notes who was entered
    under which policy."""

    def __init__(self, *clients: Scripted) -> None:
        self._clients = {client.client.meta.service_model.service_name: client for client in clients}
        self.entered: list[tuple[str, Mapping[str, Any]]] = []

    def session(self, account: str, *, partition: str, policy: Mapping[str, Any]) -> boto3.Session:
        """A session that has no client but the scripted ones."""
        assert partition == "aws"
        self.entered.append((account, policy))
        return cast("boto3.Session", self)

    def client(self, service: str, **_: Any) -> Any:
        """The scripted client of a service: its type depends on the service."""
        return self._clients[service].client

    def way_in(self) -> Members:
        """This, where `Members` is asked for."""
        return cast("Members", self)
