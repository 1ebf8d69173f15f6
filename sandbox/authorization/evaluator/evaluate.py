"""AWS's evaluation logic, as a pure function of one request and the policies that apply to it.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from sandbox.authorization.evaluator import condition_keys
from sandbox.authorization.evaluator.conditions import Condition
from sandbox.authorization.evaluator.documents import Document, Kind, Statement
from sandbox.authorization.evaluator.matching import action_matches, arn_matches
from sandbox.authorization.evaluator.principals import Naming
from sandbox.kernel.identity import Principal


@dataclass(frozen=True, slots=True)
class Request:
    """One action on one resource. `resource_account` owns the resource; `context` is condition key -> its values."""

    principal: Principal
    action: str
    resource: str
    resource_account: str
    context: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Policies:
    """Everything that applies to a request.

    `scps` has one entry per level (root, each unit, the account), each with that level's documents; it is empty for an
    account that SCPs don't restrict. `resource` is the resource's own policy and its RAM shares. With
    `resource_must_allow` (KMS keys, role trust) an identity-based policy alone is never enough, not even in the
    resource's own account. `grants` are permissions attached to the principal directly, as KMS grants are.
    """

    identity: tuple[Document, ...] = ()
    boundary: Document | None = None
    session: Document | None = None
    scps: tuple[tuple[Document, ...], ...] = ()
    resource: tuple[Document, ...] = ()
    resource_must_allow: bool = False
    grants: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether a request is allowed, and `reason`: the end of AWS's sentence, or the statement that allows."""

    allowed: bool
    reason: str
    decided_by: str = ""
    """Policy and statement, where one decided."""

    @classmethod
    def allow(cls, source: str) -> Decision:
        """Allowed by `source`: a policy and its statement, or a grant."""
        return cls(allowed=True, reason=f"allowed by {source}", decided_by=source)

    @classmethod
    def deny(cls, reason: str, decided_by: str = "") -> Decision:
        """Denied; `reason` as AWS words it."""
        return cls(allowed=False, reason=reason, decided_by=decided_by)


def evaluate(request: Request, policies: Policies) -> Decision:
    """Decide `request`. Raises AuthorizationError for a policy that asks for something unsupported."""
    everything = _Everything(request, policies)
    if denied := everything.explicit_deny():
        document, statement = denied
        return Decision.deny(
            f"with an explicit deny in {document.kind.with_article}", f"{document.name}: {statement.label}"
        )
    for level in policies.scps:
        if not everything.allowing(level):
            return everything.lacking(Kind.SCP)
    if request.principal.is_service:
        return everything.by_resource_alone()
    return everything.by_principal_and_resource()


class _Everything:
    """One request and its policies, with the questions that the rules ask of them."""

    def __init__(self, request: Request, policies: Policies) -> None:
        self.request = request
        self.policies = policies
        self._service = request.action.split(":", 1)[0].lower()
        self._context = {key.lower(): values for key, values in request.context.items()}

    def explicit_deny(self) -> tuple[Document, Statement] | None:
        for document in self._documents():
            for statement in _about(document, self.request.action):
                if not statement.allows and self._naming(statement) and self._applies(document, statement):
                    return document, statement
        return None

    def by_resource_alone(self) -> Decision:
        naming, source = self._resource_allow()
        if naming is Naming.NOT:
            return self.lacking(self._resource_kind())
        return Decision.allow(source)

    def by_principal_and_resource(self) -> Decision:
        request, policies = self.request, self.policies
        if policies.grants:
            return Decision.allow(f"grant {policies.grants[0]}")
        naming, resource_source = self._resource_allow()
        same_account = request.principal.account == request.resource_account
        if same_account and naming is Naming.SESSION:
            return Decision.allow(resource_source)
        identity_source = "root user" if request.principal.is_root else self.allowing(policies.identity)
        if same_account and not policies.resource_must_allow:
            source = identity_source or (resource_source if naming >= Naming.ROLE else "")
            if not source:
                return self.lacking(Kind.IDENTITY)
        elif naming is Naming.NOT:
            return self.lacking(self._resource_kind())
        elif not identity_source and not (same_account and naming >= Naming.ROLE):
            return self.lacking(Kind.IDENTITY)
        else:
            source = resource_source
        for limit in (policies.boundary, policies.session):
            if limit is not None and not self.allowing((limit,)):
                return self.lacking(limit.kind)
        return Decision.allow(source)

    def allowing(self, documents: Iterable[Document]) -> str:
        """The first policy and statement of `documents` that allows the request; empty when none does."""
        for document in documents:
            for statement in _about(document, self.request.action):
                if statement.allows and self._applies(document, statement):
                    return f"{document.name}: {statement.label}"
        return ""

    def lacking(self, kind: Kind) -> Decision:
        return Decision.deny(f"because no {kind} allows the {self.request.action} action")

    def _resource_allow(self) -> tuple[Naming, str]:
        """How closely the closest allowing statement of the resource names the principal, and which it is."""
        best, source = Naming.NOT, ""
        for document in self.policies.resource:
            for statement in _about(document, self.request.action):
                if (
                    statement.allows
                    and (naming := self._naming(statement)) > best
                    and self._applies(document, statement)
                ):
                    best, source = naming, f"{document.name}: {statement.label}"
        return best, source

    def _resource_kind(self) -> Kind:
        return self.policies.resource[0].kind if self.policies.resource else Kind.RESOURCE

    def _documents(self) -> Iterator[Document]:
        policies = self.policies
        for level in policies.scps:
            yield from level
        yield from policies.resource
        yield from policies.identity
        yield from (limit for limit in (policies.boundary, policies.session) if limit is not None)

    def _naming(self, statement: Statement) -> Naming:
        """How a statement names the caller. Everyone, limited to a caller by aws:PrincipalArn, is as that caller's own
        ARN: no boundary and no session policy limits it that merely lacks an allow.

        https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
        """
        principals = statement.principals
        if principals is None:
            return Naming.SESSION
        if principals.everyone and not principals.excludes and any(map(_names_caller, statement.conditions)):
            return Naming.SESSION
        return principals.naming(self.request.principal, has_boundary=self.policies.boundary is not None)

    def _applies(self, document: Document, statement: Statement) -> bool:
        """Whether the resource and the conditions of a statement about the action cover the request."""
        if statement.resources is not None:
            covered = any(arn_matches(each, self.request.resource, self._lookup) for each in statement.resources)
            if covered == statement.excludes_resources:
                return False
        for condition in statement.conditions:
            condition_keys.check(condition.key, self._service, f"{document.kind} {document.name}: {statement.label}")
        return all(condition.holds(self._lookup) for condition in statement.conditions)

    def _lookup(self, key: str) -> tuple[str, ...] | None:
        return self._context.get(key.lower())


@lru_cache(maxsize=65536)
def _about(document: Document, action: str) -> tuple[Statement, ...]:
    """The statements whose actions cover this one."""
    return tuple(
        statement
        for statement in document.statements
        if any(action_matches(each, action) for each in statement.actions) != statement.excludes_actions
    )


_POSITIVE = ("arnequals", "arnlike", "stringequals", "stringlike", "stringequalsignorecase")


def _names_caller(condition: Condition) -> bool:
    return condition.key.lower() == "aws:principalarn" and condition.operator.lower() in _POSITIVE
