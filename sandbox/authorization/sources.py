"""The policies that apply to a request, from the stores of the embedded services.

moto's stores are untyped where they are read here; hence the `Any`s.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from moto.awslambda.models import lambda_backends
from moto.ecr.models import ecr_backends
from moto.events.models import events_backends
from moto.kms.models import kms_backends
from moto.s3.models import s3_backends
from moto.sagemaker.models import sagemaker_backends
from moto.sns.models import sns_backends
from moto.sqs.models import sqs_backends

from sandbox.authorization import grants, key_policies, stored
from sandbox.authorization.evaluator.documents import Document, Kind, Statement, parse
from sandbox.authorization.evaluator.evaluate import Policies
from sandbox.authorization.evaluator.principals import Principals
from sandbox.authorization.principal_ids import shown_form
from sandbox.authorization.stored import Fields, split
from sandbox.kernel.identity import Principal


def owner_of(resource: str) -> str:
    """The account that a resource's ARN names; empty when it names none."""
    fields = split(resource)
    if fields is None:
        return ""
    if fields.service == "s3":
        return stored.bucket_owner(fields.resource.split("/", 1)[0]) or ""
    if fields.service == "sagemaker" and fields.account == "aws":
        return fields.account  # the public hub: not the caller's, and its policy lets everybody look
    return fields.account if fields.account.isdigit() else ""


def policies_for(
    principal: Principal, action: str, resource: str, owner: str, context: Mapping[str, tuple[str, ...]]
) -> Policies:
    """Everything that applies when `principal` does `action` on `resource` of account `owner`."""
    attached, must_allow = _attached(action, resource, owner)
    shared = _shared(principal, resource)
    role = stored.role(principal.role_arn) if principal.role_arn else None
    return Policies(
        identity=tuple(parse(name, Kind.IDENTITY, text) for name, text in role.identity.items()) if role else (),
        boundary=parse(role.boundary_arn or "", Kind.BOUNDARY, role.boundary) if role and role.boundary else None,
        session=parse(principal.arn, Kind.SESSION, principal.session_policy) if principal.session_policy else None,
        scps=_scps(principal),
        resource=(*attached, *shared, *grants.given_to_account(principal, action, resource, context)),
        resource_must_allow=must_allow,
        grants=grants.given(principal, action, resource, context),
    )


def _scps(principal: Principal) -> tuple[tuple[Document, ...], ...]:
    """SCPs restrict the principals of member accounts; not services, and not the management account."""
    # Late, because the service's own modules import this package's callers.
    from sandbox.services import organizations

    return tuple(
        tuple(parse(f"level {depth} over {principal.account}", Kind.SCP, text) for text in texts)
        for depth, texts in enumerate(organizations.scp_levels(principal.account), 1)
    )


def _attached(action: str, resource: str, owner: str) -> tuple[tuple[Document, ...], bool]:
    """The resource's own policy, and whether it has to allow even in its own account."""
    service, at = action.split(":", 1)[0].lower(), split(resource)
    if service == "sts":
        role = stored.role(resource)
        return ((parse(resource, Kind.TRUST, role.trust),) if role else (), True)
    if service == "organizations":
        text = _delegation(owner)
    else:
        read = _READERS.get(service)
        text = read(at) if read and at and at.service == service else None
    must_allow = service == "kms" and at is not None
    return ((parse(resource, Kind.RESOURCE, text),) if text else (), must_allow)


def _delegation(owner: str) -> str | None:
    from sandbox.services import organizations

    return organizations.delegation_policy() if owner and owner == organizations.management_account() else None


def _shared(principal: Principal, resource: str) -> tuple[Document, ...]:
    """What RAM shares give the principal's account: RAM writes it into the resource's policy."""
    fields = split(resource)
    if fields is None or not principal.account or fields.account == principal.account or fields.service != "sagemaker":
        return ()
    from sandbox.services import ram

    # What belongs to a card (an export job) is shared with the card, what is in a hub with the hub.
    kind, name, *_ = [*fields.resource.split("/"), ""]
    shared = resource.removesuffix(fields.resource) + f"{'hub' if kind == 'hub-content' else kind}/{name}"
    actions = ram.allowed_actions(shared, principal.account, fields.region, principal.role_arn)
    if not actions:
        return ()
    statement = Statement(
        label=f"shared with {principal.account}",
        allows=True,
        actions=tuple(sorted(actions)),
        excludes_actions=False,
        resources=None,
        excludes_resources=False,
        principals=Principals(aws=frozenset((principal.account,))),
        conditions=(),
    )
    return (Document(f"RAM shares of {shared}", Kind.RESOURCE, (statement,)),)


def _topic_policy(at: Fields) -> str | None:
    topic = sns_backends[at.account][at.region].topics.get(f"arn:aws:sns:{at.region}:{at.account}:{at.resource}")
    return topic.policy if topic else None


def _queue_policy(at: Fields) -> str | None:
    queue = sqs_backends[at.account][at.region].queues.get(at.resource)
    text: str | None = queue.policy if queue else None
    return text


def _key_policy(at: Fields) -> str | None:
    if at.resource.startswith("alias/aws/"):
        return key_policies.aws_managed(at.resource.removeprefix("alias/aws/"), at.region, at.account)
    key = kms_backends[at.account][at.region].keys.get(at.resource.removeprefix("key/"))
    return key_policies.effective(shown_form(key.policy)) if key else None


_ELEMENTS = ("Sid", "Effect", "Principal", "Action", "Resource", "Condition")


def _function_policy(at: Fields) -> str | None:
    name = at.resource.split(":")[1]
    functions: Any = lambda_backends[at.account][at.region]._lambdas  # noqa: SLF001  it has no lookup that doesn't raise
    function = functions._get_latest(name) if name in functions._functions else None  # noqa: SLF001
    if function is None or not function.policy or not function.policy.statements:
        return None
    # moto keeps parameters of AddPermission that are no policy elements beside those that are.
    statements = [{key: each[key] for key in _ELEMENTS if each.get(key)} for each in function.policy.statements]
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def _bus_policy(at: Fields) -> str | None:
    kind, _, name = at.resource.partition("/")
    bus = events_backends[at.account][at.region].event_buses.get(name) if kind == "event-bus" else None
    return bus.policy if bus else None


def _bucket_policy(at: Fields) -> str | None:
    name = at.resource.split("/", 1)[0]
    owner = stored.bucket_owner(name)
    backend: Any = s3_backends[owner]["aws"] if owner else None
    kept = backend.policies.get(name) if backend else None
    return shown_form(kept) if kept else None


def _repository_policy(at: Fields) -> str | None:
    repository = ecr_backends[at.account][at.region].repositories.get(at.resource.removeprefix("repository/"))
    return shown_form(repository.policy) if repository and repository.policy else None


def _sagemaker_policy(at: Fields) -> str | None:
    """The policy of a model package group speaks of the group and of its versions; the public hub's is AWS's own."""
    if at.account == "aws":
        return _PUBLIC_HUB
    kind, _, named = at.resource.partition("/")
    if kind not in ("model-package-group", "model-package"):
        return None
    backend: Any = sagemaker_backends[at.account][at.region]
    group = backend.find_group(named.partition("/")[0])
    return shown_form(group.policy) if group and group.policy else None


_PUBLIC_HUB = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": {
            "Sid": "Everybody",
            "Effect": "Allow",
            "Principal": "*",
            "Action": [
                "sagemaker:DescribeHub",
                "sagemaker:DescribeHubContent",
                "sagemaker:ListHubContents",
                "sagemaker:ListHubContentVersions",
            ],
            "Resource": ["arn:aws:sagemaker:*:aws:hub/*", "arn:aws:sagemaker:*:aws:hub-content/*"],
        },
    }
)
"""What the behaviour of the public hub amounts to: every account may look, if its own policies let the caller."""


_READERS: dict[str, Callable[[Fields], str | None]] = {
    "ecr": _repository_policy,
    "events": _bus_policy,
    "kms": _key_policy,
    "lambda": _function_policy,
    "s3": _bucket_policy,
    "sagemaker": _sagemaker_policy,
    "sns": _topic_policy,
    "sqs": _queue_policy,
}
