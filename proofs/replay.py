"""The sandbox's evaluator, asked what a proof is about: how closely a document lets a request in, and whether it denies
it. So each of the two judges the other.
"""

import json
from dataclasses import dataclass

from proofs.policies.request import Request
from sandbox.authorization import Kind, Policies, UnknownConditionKey, evaluate, parse
from sandbox.authorization import Request as Asked
from sandbox.kernel import identity
from sandbox.services import authorizations

authorizations.register()  # the condition keys that requests may carry

_OTHER = "999900009999"


def _document(action: str) -> str:
    statement = {"Effect": "Allow", "Action": action, "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


_ALL = parse("everything", Kind.IDENTITY, _document("*"))
_LIMIT = parse("nothing", Kind.BOUNDARY, _document("none:Nothing"))


@dataclass(frozen=True, slots=True)
class Given:
    """What a document gives a request: its `closeness` (0 is nothing; 1 to 3 as in `proofs.policies.meaning`, at most 1
    for policies that belong to somebody), and whether it denies it.
    """

    closeness: int
    denied: bool


def given(document: str, kind: str, request: Request) -> Given:
    """Return what the evaluator says of a document of this kind (`Case.kind`)."""
    if kind == "identity":
        policy = parse("the document", Kind.IDENTITY, document)
        allowed = _allows(request, Policies(identity=(policy,)), _account(request))
        denied = not _allows(request, Policies(identity=(_ALL, policy)), _account(request))
        return Given(int(allowed), denied)
    policy = parse("the document", Kind.TRUST if kind == "trust" else Kind.RESOURCE, document)
    own = _account(request)
    if request.principal.endswith((".amazonaws.com", ".amazonaws.com.cn")):
        allowed = _allows(request, Policies(resource=(policy,)), _OTHER)
        return Given(3 if allowed else 0, denied=False)
    answers = (
        _allows(request, Policies(identity=(_ALL,), resource=(policy,)), _OTHER),
        _allows(request, Policies(resource=(policy,), resource_must_allow=True), own),
        _allows(request, Policies(resource=(policy,), resource_must_allow=True, boundary=_LIMIT), own),
    )
    denied = not _allows(request, Policies(identity=(_ALL,), resource=(policy,)), own)
    return Given(sum(answers), denied)


CONFIRMED = "requests that the sandbox answers differently, too"
ALIKE = "the sandbox answers alike"
UNKNOWN = "requests for services that the sandbox doesn't have"


def confirmed(before: str, after: str, kind: str, request: Request) -> str:
    """Return what becomes of a witness: the evaluator sees the difference, it doesn't, or it knows no such service."""
    try:
        return ALIKE if given(before, kind, request) == given(after, kind, request) else CONFIRMED
    except UnknownConditionKey:
        return UNKNOWN


def _allows(request: Request, policies: Policies, owner: str) -> bool:
    principal = _principal(request)
    context = dict(request.context)
    context["aws:principalisawsservice"] = ("true" if principal.is_service else "false",)
    if not principal.is_service:
        context["aws:principalarn"] = (request.principal,)
        context["aws:principalaccount"] = context["kms:calleraccount"] = (principal.account,)
    asked = Asked(principal, request.action, request.resource, owner, context)
    return evaluate(asked, policies).allowed


def _principal(request: Request) -> identity.Principal:
    arn = request.principal
    if arn.endswith((".amazonaws.com", ".amazonaws.com.cn")):
        return identity.service(arn)
    account = _account(request)
    if ":role/" not in arn:
        return identity.Principal(arn=arn, account=account)
    session = identity.session(arn, "anybody")
    return identity.Principal(arn=request.session or session.arn, account=account, role_arn=arn)


def _account(request: Request) -> str:
    fields = request.principal.split(":")
    return fields[4] if len(fields) > 4 else ""
