"""What each service has registered with authorization, which knows none of them.

A client calls an *API* by botocore's name (`stepfunctions`); IAM has a *prefix* for its actions and ARNs (`states`).
Two APIs may have the same prefix.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

from sandbox.authorization.accesses import Access, Call, Row
from sandbox.authorization.evaluator import condition_keys
from sandbox.authorization.evaluator.documents import Kind
from sandbox.authorization.evaluator.errors import NotMapped
from sandbox.authorization.providers import Grants, Identities, Keys, Organizations, Shared
from sandbox.kernel.arns import Fields, split
from sandbox.kernel.identity import Principal


@dataclass(frozen=True, slots=True)
class ErrorCodes:
    """What an API calls a denial, and requests with missing, unknown or expired credentials."""

    denied: str
    missing: str
    unknown: str
    expired: str


JSON_ERRORS = ErrorCodes(
    denied="AccessDeniedException",
    missing="MissingAuthenticationTokenException",
    unknown="UnrecognizedClientException",
    expired="ExpiredTokenException",
)
"""The codes of most APIs."""
QUERY_ERRORS = ErrorCodes(
    denied="AccessDenied",
    missing="MissingAuthenticationToken",
    unknown="InvalidClientTokenId",
    expired="ExpiredToken",
)
"""The codes of APIs of the query protocol."""


class Refused(Exception):
    """A request that an API refuses before anybody is asked; `code` is its error code."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def _unchecked(_: Call) -> None:
    """Refuse nothing."""


def _no_answer(_principal: Principal, _call: Call) -> None:
    """Leave the answer to the service."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Api:
    """How the requests of one API are authorized.

    `rows` says what each operation needs. `bodies` are the operations whose body says what is touched; None is all.
    `check` may raise Refused. `answer` is the answer of an operation that authorization itself can give, None for any
    other. `answered` hears of each successful answer, with its modelled members and the epoch second.
    """

    service: str
    rows: Mapping[str, Row] = field(default_factory=dict)
    errors: ErrorCodes = JSON_ERRORS
    bodies: frozenset[str] | None = None
    check: Callable[[Call], None] = _unchecked
    answer: Callable[[Principal, Call], dict[str, Any] | None] = _no_answer
    answered: Callable[[Call, Mapping[str, Any], float], None] | None = None


@dataclass(frozen=True, slots=True)
class Attached:
    """The policy on a resource, None where there is none; `must_allow`: it has to allow even in its own account."""

    text: str | None = None
    kind: Kind = Kind.RESOURCE
    must_allow: bool = False


@dataclass(frozen=True, slots=True)
class Encryption:
    """The key of a resource, as its service names it, where it is looked up, and the encryption context."""

    key: str
    account: str
    region: str
    pairs: Mapping[str, str]


READ_KEY = ("kms:Decrypt",)
WRITE_KEY = ("kms:GenerateDataKey", "kms:Decrypt")
"""The uses of a key that reading and writing what is encrypted with it bring."""


def named_owner(at: Fields) -> str:
    """The account that an ARN names; empty when it names none."""
    return at.account if at.account.isdigit() else ""


def no_policy(_resource: str, _owner: str) -> Attached:
    """The policy on a resource that can't have one."""
    return Attached()


def policy_at(prefix: str, read: Callable[[Fields], str | None]) -> Callable[[str, str], Attached]:
    """The lookup of a policy that is found by its resource's ARN."""

    def lookup(resource: str, _owner: str) -> Attached:
        at = split(resource)
        return Attached(read(at) if at is not None and at.service == prefix else None)

    return lookup


def unencrypted(_access: Access, _at: Fields) -> None:
    """The key of a resource that has none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resources:
    """What is known of the resources and the requests of one IAM prefix.

    `condition_keys` are the ones that requests may carry beside the global ones; a name that ends in `/` or `:` stands
    for every key that begins with it. `policy` finds the policy on a resource by its ARN and its owner. `key_uses` is
    action -> the uses of the resource's key that it brings, `encryption` finds that key.
    """

    prefix: str
    condition_keys: frozenset[str] = frozenset()
    owner: Callable[[Fields], str] = named_owner
    policy: Callable[[str, str], Attached] = no_policy
    key_uses: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    encryption: Callable[[Access, Fields], Encryption | None] = unencrypted


class Registry:
    """Every installed service's entries."""

    identities: Identities
    organizations: Organizations
    shared: Shared
    keys: Keys
    grants: Grants

    def __init__(self) -> None:
        self.apis: dict[str, Api] = {}
        self._resources: dict[str, Resources] = {}

    def __getattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"no service has registered {name}: sandbox.services.boot.install() has not run")

    def add(self, *entries: Api | Resources) -> None:
        """Take over a service's entries, in place of what it had registered before."""
        for entry in entries:
            if isinstance(entry, Api):
                self.apis[entry.service] = entry
            else:
                self._resources[entry.prefix] = entry
                condition_keys.register(entry.prefix, entry.condition_keys)

    def api(self, service: str) -> Api:
        """The entry of an API; for one that nobody has registered, one without operations."""
        return self.apis.get(service) or Api(service=service)

    def resources(self, prefix: str) -> Resources:
        """The entry of an IAM prefix; for one that nobody has registered, one that knows nothing."""
        return self._resources.get(prefix) or Resources(prefix=prefix)

    def accesses(self, call: Call) -> list[Access]:
        """Everything that has to be allowed for `call`. Raises NotMapped for an operation without a row."""
        row = self.api(call.service).rows.get(call.operation)
        if row is None:
            raise NotMapped(f"{call.service} {call.operation} is not authorized by any table of this sandbox")
        return row(call)


registry = Registry()
"""The one of this process."""
