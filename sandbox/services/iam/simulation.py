"""The policy simulator: what policies would allow, without doing it.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html. It fills in no context: a key that
the request doesn't give is absent, and named as missing. Of resource-based policies it says "Simulation of
resource-based policies isn't supported for IAM roles": these are refused here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from moto.iam.models import IAMBackend

from sandbox.authorization.evaluator.documents import Document, Kind, parse
from sandbox.authorization.evaluator.errors import InvalidPolicy
from sandbox.authorization.evaluator.evaluate import Decision, Policies, Request, evaluate
from sandbox.kernel.identity import Principal, root, session
from sandbox.kernel.place import PARTITION
from sandbox.kernel.wire.errors import NotInSandboxError, aws_error
from sandbox.kernel.wire.protocol import Json
from sandbox.services import organizations
from sandbox.services.iam import identities

_UNSUPPORTED = ("ResourceHandlingOption", "Marker", "MaxItems")
_CALLER = "simulated"


def simulate_principal_policy(backend: IAMBackend, request: Mapping[str, Any]) -> Json:
    """SimulatePrincipalPolicy of a role: its own policies, more policies, its boundary, and the account's SCPs."""
    arn = request["PolicySourceArn"]
    role = identities.role(arn)
    if role is None or role.arn.split(":")[4] != backend.account_id:
        raise aws_error("NoSuchEntity", f"The role with name {arn.rsplit('/', 1)[-1]} cannot be found.")
    own = [parse(name, Kind.IDENTITY, text) for name, text in role.identity.items()]
    boundary = parse(role.boundary_arn or "", Kind.BOUNDARY, role.boundary) if role.boundary else None
    scps = tuple(
        tuple(parse(f"level {depth}", Kind.SCP, text) for text in texts)
        for depth, texts in enumerate(organizations.scp_levels(backend.account_id), 1)
    )
    caller = session(arn, _CALLER)
    policies = Policies(identity=(*own, *_given(request)), boundary=_boundary(request) or boundary, scps=scps)
    return _answer(request, caller, policies)


def simulate_custom_policy(backend: IAMBackend, request: Mapping[str, Any]) -> Json:
    """SimulateCustomPolicy: the given policies, and nothing else."""
    policies = Policies(identity=tuple(_given(request)), boundary=_boundary(request))
    # Any principal of the account would do, but the root user, whom identity-based policies don't bind.
    account = root(backend.account_id).account
    caller = session(f"arn:{PARTITION}:iam::{account}:role/{_CALLER}", _CALLER)
    return _answer(request, caller, policies)


def _given(request: Mapping[str, Any]) -> Iterable[Document]:
    for number, text in enumerate(request.get("PolicyInputList", []), 1):
        yield _parsed(f"PolicyInputList.{number}", Kind.IDENTITY, text)


def _boundary(request: Mapping[str, Any]) -> Document | None:
    texts = request.get("PermissionsBoundaryPolicyInputList", [])
    return _parsed("PermissionsBoundaryPolicyInputList.1", Kind.BOUNDARY, texts[0]) if texts else None


def _parsed(name: str, kind: Kind, text: str) -> Document:
    try:
        return parse(name, kind, text)
    except InvalidPolicy as error:
        raise aws_error("InvalidInput", str(error)) from error


def _answer(request: Mapping[str, Any], caller: Principal, policies: Policies) -> Json:
    for unsupported in _UNSUPPORTED:
        if unsupported in request:
            raise NotInSandboxError(f"the policy simulator with {unsupported}")
    if "ResourcePolicy" in request or "CallerArn" in request:
        raise aws_error("InvalidInput", "Simulation of resource-based policies isn't supported for IAM roles.")
    context = {entry["ContextKeyName"]: tuple(entry["ContextKeyValues"]) for entry in request.get("ContextEntries", [])}
    owner = request.get("ResourceOwner", f"arn:{PARTITION}:iam::{caller.account}:root").split(":")[4]
    results = []
    for action in request["ActionNames"]:
        for resource in request.get("ResourceArns", ["*"]):
            decision = evaluate(Request(caller, action, resource, owner or caller.account, context), policies)
            results.append(_result(action, resource, decision, policies, context))
    return {"EvaluationResults": results, "IsTruncated": False}


def _result(
    action: str, resource: str, decision: Decision, policies: Policies, context: Mapping[str, tuple[str, ...]]
) -> Json:
    denied = "explicitDeny" if decision.decided_by else "implicitDeny"
    matched = [{"SourcePolicyId": decision.decided_by.rpartition(": ")[0]}] if decision.decided_by else []
    details: Json = {
        "EvalActionName": action,
        "EvalResourceName": resource,
        "EvalDecision": "allowed" if decision.allowed else denied,
        "MatchedStatements": matched,
        "MissingContextValues": _missing(policies, context),
    }
    if policies.boundary is not None:
        limited = not decision.allowed and str(Kind.BOUNDARY) in decision.reason
        details["PermissionsBoundaryDecisionDetail"] = {"AllowedByPermissionsBoundary": not limited}
    if policies.scps:
        limited = not decision.allowed and str(Kind.SCP) in decision.reason
        details["OrganizationsDecisionDetail"] = {"AllowedByOrganizations": not limited}
    return details


def _missing(policies: Policies, context: Mapping[str, tuple[str, ...]]) -> list[str]:
    """The condition keys that the policies ask for and the request doesn't give, each once."""
    documents = [*policies.identity, *([policies.boundary] if policies.boundary else [])]
    asked = {c.key.lower(): c.key for d in documents for s in d.statements for c in s.conditions}
    given = {key.lower() for key in context}
    return sorted(name for key, name in asked.items() if key not in given)
