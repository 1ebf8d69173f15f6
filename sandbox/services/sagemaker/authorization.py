"""What SageMaker's operations need: the tables of its rooms, tags, the policies on its resources and their keys.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsagemaker.html
"""

from __future__ import annotations

from sandbox.authorization.accesses import REQUEST_TAG_KEYS, Access, Call, Row, parameter, present
from sandbox.authorization.registry import READ_KEY, WRITE_KEY, Api, Encryption, Registry, Resources, policy_at
from sandbox.kernel.arns import Fields
from sandbox.services.sagemaker.cards import authorization as cards
from sandbox.services.sagemaker.deployments import authorization as deployments
from sandbox.services.sagemaker.hubs import authorization as hubs
from sandbox.services.sagemaker.packages import authorization as packages
from sandbox.services.sagemaker.rows import kept_tags, requested_tags, tagged
from sandbox.services.sagemaker.store.backend import backend_for
from sandbox.services.sagemaker.studio import authorization as studio


def _add_tags(call: Call) -> list[Access]:
    resource = str(call.get("ResourceArn"))
    return [Access("sagemaker:AddTags", resource, requested_tags(call) | kept_tags(resource))]


def _delete_tags(call: Call) -> list[Access]:
    resource = str(call.get("ResourceArn"))
    return [Access("sagemaker:DeleteTags", resource, present(aws__TagKeys=call.get("TagKeys")) | kept_tags(resource))]


ROWS: dict[str, Row] = {
    **cards.ROWS,
    **deployments.ROWS,
    **hubs.ROWS,
    **packages.ROWS,
    **studio.ROWS,
    "AddTags": _add_tags,
    "DeleteTags": _delete_tags,
    "ListTags": tagged(parameter("ResourceArn")),
}


def _policy(at: Fields) -> str | None:
    return hubs.policy(at) or packages.policy(at)


def _encryption(access: Access, at: Fields) -> Encryption | None:
    """A model card's key, with the card in the encryption context; or that of the card in a model package.

    https://docs.aws.amazon.com/sagemaker/latest/dg/model-cards-xaccount.html. Whether SageMaker uses an encryption
    context for a package isn't documented; here it uses none.
    """
    key = access.key or _key(at)
    pairs = {"aws:sagemaker:model-card-arn": access.resource} if at.resource.startswith("model-card/") else {}
    return Encryption(key, at.account, at.region, pairs) if key else None


def _key(at: Fields) -> str | None:
    """The customer's key of a model card, or of the card in a model package."""
    kind, _, named = at.resource.partition("/")
    backend = backend_for(at.account, at.region)
    if kind == "model-card":
        card = backend.find_card(named)
        return card.kms_key_id if card else None
    name, _, number = named.partition("/")
    group = backend.find_group(name)
    package = group.packages.get(int(number or 0)) if group else None
    members = package.members if package and "ModelCard" in package.members else {}
    found: str | None = members.get("SecurityConfig", {}).get("KmsKeyId")
    return found


CONDITION_KEYS = frozenset(
    (
        *REQUEST_TAG_KEYS,
        "aws:ResourceTag/",
        "sagemaker:CustomerMetadataProperties/",
        "sagemaker:CustomerMetadataPropertiesToRemove",
        "sagemaker:ModelApprovalStatus",
        "sagemaker:ModelLifeCycle:stage",
        "sagemaker:ModelLifeCycle:stageStatus",
        "sagemaker:ResourceTag/",
    )
)


def register(registry: Registry) -> None:
    """Add this service's entries."""
    registry.add(
        Api(service="sagemaker", rows=ROWS),
        Resources(
            prefix="sagemaker",
            condition_keys=CONDITION_KEYS,
            owner=hubs.owner,
            policy=policy_at("sagemaker", _policy),
            key_uses={
                "sagemaker:CreateModelCard": WRITE_KEY,
                "sagemaker:DescribeModelCard": READ_KEY,
                "sagemaker:DescribeModelPackage": READ_KEY,
                "sagemaker:UpdateModelCard": WRITE_KEY,
            },
            encryption=_encryption,
        ),
    )
