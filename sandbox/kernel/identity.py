"""Who is calling: principals, the credentials that stand for them, and the caller of the call being answered."""

from __future__ import annotations

import json
import threading
from contextvars import ContextVar
from dataclasses import asdict, dataclass

from sandbox.kernel.place import PARTITION, URL_SUFFIX


@dataclass(frozen=True, slots=True)
class Principal:
    """An authenticated caller, or an AWS service that delivers something.

    `arn` is `arn:<partition>:sts::<account>:assumed-role/<Role>/<session>`, the ARN of an account's root, or a
    service name such as `events.amazonaws.com`. `account` is 12 digits, or empty for a service. `role_arn` keeps the
    role's path, which the session ARN drops. `source_account` and `source_arn` say on whose behalf a service delivers.
    """

    arn: str
    account: str
    role_arn: str | None = None
    session_policy: str | None = None
    source_account: str | None = None
    source_arn: str | None = None

    @property
    def is_service(self) -> bool:
        """Whether this is an AWS service, to be allowed by resource policies alone."""
        return self.arn.endswith((".amazonaws.com", f".{URL_SUFFIX}"))

    @property
    def is_root(self) -> bool:
        """Whether this is an account's root user."""
        return self.arn == f"arn:{PARTITION}:iam::{self.account}:root"

    def to_json(self) -> str:
        """This principal as JSON, as the in-process transport carries it."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Principal:
        """The principal that `to_json` wrote."""
        return cls(**json.loads(text))


def session(role_arn: str, session_name: str, session_policy: str | None = None) -> Principal:
    """The principal of a session of `role_arn`; its ARN names the role without its path, as STS does."""
    account = role_arn.split(":")[4]
    role = role_arn.rsplit("/", 1)[1]
    return Principal(
        arn=f"arn:{PARTITION}:sts::{account}:assumed-role/{role}/{session_name}",
        account=account,
        role_arn=role_arn,
        session_policy=session_policy,
    )


def root(account: str) -> Principal:
    """The root user of `account`."""
    return Principal(arn=f"arn:{PARTITION}:iam::{account}:root", account=account)


def service(name: str, source_account: str | None = None, source_arn: str | None = None) -> Principal:
    """An AWS service, `events.amazonaws.com`, acting for `source_arn` of `source_account`."""
    return Principal(arn=name, account="", source_account=source_account, source_arn=source_arn)


@dataclass(frozen=True, slots=True)
class Credential:
    """What one access key id stands for. `expires_at` is epoch seconds, None for a key that lives on."""

    principal: Principal
    expires_at: float | None = None


class Registry:
    """Access key ids and who they stand for. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._credentials: dict[str, Credential] = {}

    def register(self, access_key_id: str, principal: Principal, expires_at: float | None = None) -> None:
        """Let `access_key_id` stand for `principal`, replacing what it stood for before."""
        with self._lock:
            self._credentials[access_key_id] = Credential(principal, expires_at)

    def find(self, access_key_id: str) -> Credential | None:
        """What `access_key_id` stands for; None when nobody registered it."""
        with self._lock:
            return self._credentials.get(access_key_id)

    def clear(self) -> None:
        """Forget every key."""
        with self._lock:
            self._credentials.clear()


registry = Registry()

caller: ContextVar[Principal | None] = ContextVar("caller", default=None)
"""The principal whose call a backend is answering; None is the sandbox's own administrator."""
