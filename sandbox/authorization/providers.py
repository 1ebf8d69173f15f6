"""What authorization asks the services that know it: IAM, Organizations, KMS and RAM, each behind a protocol.

A protocol is implemented by a module of the service; its `authorization.register` gives it to the registry.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from sandbox.authorization.accesses import Context
from sandbox.authorization.evaluator.documents import Document
from sandbox.kernel.identity import Principal


@dataclass(frozen=True, slots=True)
class StoredRole:
    """A role and its policies. `identity` is policy name -> document, inline and attached.

    `created_at` is epoch seconds.
    """

    arn: str
    unique_id: str
    trust: str
    identity: Mapping[str, str]
    boundary_arn: str | None
    boundary: str | None
    created_at: float


class Identities(Protocol):
    """IAM's roles and users."""

    def role(self, arn: str) -> StoredRole | None:
        """The role of that ARN, path included."""

    def role_named(self, account: str, name: str) -> StoredRole | None:
        """The role of that name, whatever its path."""

    def unique_id(self, arn: str) -> str | None:
        """The unique id of the role or user of that ARN; None for one that doesn't exist."""

    def arns_by_unique_id(self) -> Mapping[str, str]:
        """Every role and user there is, in all accounts."""


class Organizations(Protocol):
    """The organization, and the SCPs in it."""

    def organization_id_of(self, account: str) -> str | None:
        """The id of the organization that an account belongs to."""

    def organization_path_of(self, account: str) -> str | None:
        """The path from the organization to the account, `o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/`."""

    def is_closed(self, account: str) -> bool:
        """Whether an account is closed: nobody of it is let in anywhere, and nobody to what it has."""

    def scp_levels(self, account: str) -> Sequence[Sequence[str]]:
        """The SCPs of each level above an account and of itself; empty for an account that they don't touch."""


class Keys(Protocol):
    """KMS's keys."""

    def key_arn(self, named: str, account: str, region: str) -> str:
        """The ARN of a key given by id, ARN, alias or alias ARN."""


class Grants(Protocol):
    """The grants on KMS's keys."""

    def given(self, principal: Principal, action: str, resource: str, context: Context) -> tuple[str, ...]:
        """The grants to the principal itself for this action on this resource, each as a text that names it."""

    def given_to_account(
        self, principal: Principal, action: str, resource: str, context: Context
    ) -> tuple[Document, ...]:
        """The grants to the principal's account, as resource policies."""


Shared = Callable[[Principal, str], tuple[Document, ...]]
"""What RAM's shares give a principal's account on a resource of another, as resource policies."""
