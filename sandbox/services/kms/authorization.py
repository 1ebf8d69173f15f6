"""What the operations of KMS need, and the policies on keys.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_awskeymanagementservice.html
"""

from __future__ import annotations

from moto.kms.models import kms_backends

from sandbox.authorization.accesses import Call, Context, Row, anything, arn, encryption_context, needs, present
from sandbox.authorization.evaluator.errors import NotMapped
from sandbox.authorization.principal_ids import shown_form
from sandbox.authorization.registry import Api, Attached, Registry, Resources
from sandbox.kernel.arns import Fields, split
from sandbox.services.kms import granted, key_policies, keys


def _key(call: Call) -> str:
    if call.operation == "Decrypt" and not call.get("KeyId"):
        # A ciphertext knows its key. One that no key made is for KMS to refuse.
        return keys.key_of_ciphertext(call.parameters["CiphertextBlob"]) or arn("kms", call, "key/unknown")
    if not call.get("KeyId"):
        raise NotMapped(f"kms {call.operation} without KeyId is not supported")
    return keys.key_arn(str(call.get("KeyId")), call.account, call.region)


def _cryptography(call: Call) -> Context:
    return present(kms__CallerAccount=call.account) | encryption_context(call.get("EncryptionContext") or {})


def _grants(call: Call) -> Context:
    # A grant that a principal asks for by itself is not one for an AWS resource.
    return present(kms__CallerAccount=call.account, kms__GrantIsForAWSResource=False)


def _new_grant(call: Call) -> Context:
    """What is asked for; the encryption context is that of the grant's constraint.

    https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html
    """
    constraints = call.get("Constraints") or {}
    asked = next(iter(constraints.values()), None) or {}
    return (
        _grants(call)
        | present(
            kms__GranteePrincipal=call.get("GranteePrincipal"),
            kms__GrantOperations=call.get("Operations") or None,
            kms__GrantConstraintType=next(iter(constraints), None),
        )
        | encryption_context(asked)
    )


def _caller(call: Call) -> Context:
    return present(kms__CallerAccount=call.account)


ROWS: dict[str, Row] = {
    **{
        name: needs(f"kms:{name}", _key, context=_cryptography)
        for name in ("Decrypt", "Encrypt", "GenerateDataKey", "GenerateDataKeyWithoutPlaintext")
    },
    **{
        name: needs(f"kms:{name}", _key, context=_caller)
        for name in ("DescribeKey", "GetKeyPolicy", "ListKeyPolicies", "PutKeyPolicy")
    },
    "CreateGrant": needs("kms:CreateGrant", _key, context=_new_grant),
    "ListGrants": needs("kms:ListGrants", _key, context=_grants),
    "RevokeGrant": needs("kms:RevokeGrant", _key, context=_grants),
    "ListAliases": needs("kms:ListAliases", anything),
    "ListKeys": needs("kms:ListKeys", anything),
}


def _policy(resource: str, _owner: str) -> Attached:
    """The key's own policy, without which nothing else lets anybody in."""
    at = split(resource)
    if at is None:
        return Attached()
    return Attached(_text(at) if at.service == "kms" else None, must_allow=True)


def _text(at: Fields) -> str | None:
    if at.resource.startswith("alias/aws/"):
        return key_policies.aws_managed(at.resource.removeprefix("alias/aws/"), at.region, at.account)
    key = kms_backends[at.account][at.region].keys.get(at.resource.removeprefix("key/"))
    return key_policies.effective(shown_form(key.policy)) if key else None


CONDITION_KEYS = frozenset(
    (
        "kms:CallerAccount",
        "kms:EncryptionContext:",
        "kms:EncryptionContextKeys",
        "kms:GrantConstraintType",
        "kms:GrantIsForAWSResource",
        "kms:GrantOperations",
        "kms:GranteePrincipal",
        "kms:ViaService",
    )
)


def register(registry: Registry) -> None:
    """Add this service's entries, and let it say which key is meant and what grants give."""
    registry.add(
        Api(service="kms", rows=ROWS),
        Resources(prefix="kms", condition_keys=CONDITION_KEYS, policy=_policy),
    )
    registry.keys, registry.grants = keys, granted
