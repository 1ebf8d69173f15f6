"""Key policies: what KMS refuses, and how it shows them.

https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html. The API has no condition on what is
replaced: of two writers that read the same policy, the later one wins.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from moto.kms.models import Key, KmsBackend

from sandbox.authorization.accesses import Context
from sandbox.authorization.evaluator.documents import Kind, parse
from sandbox.authorization.evaluator.evaluate import Request, evaluate
from sandbox.authorization.principal_ids import shown_form
from sandbox.authorization.resource_policies import PolicyProblem, UnknownPrincipal, accept
from sandbox.authorization.sources import policies_for
from sandbox.kernel.identity import caller, root
from sandbox.kernel.stale_reads import stale_reads
from sandbox.kernel.wire.errors import NotInSandboxError, aws_error
from sandbox.kernel.wire.protocol import Json
from sandbox.services.kms.key_policies import effective
from sandbox.services.kms.models import key_of, require_usable

SIZE_LIMIT = 32_768
"""Bytes. https://docs.aws.amazon.com/kms/latest/developerguide/resource-limits.html"""
_UNSUPPORTED = ("CustomKeyStoreId", "XksKeyId")


def create_key(backend: KmsBackend, request: Mapping[str, Any]) -> Json:
    """CreateKey: with the given policy, checked as in PutKeyPolicy, or the default one."""
    for name in _UNSUPPORTED:
        if name in request:
            raise NotInSandboxError(f"CreateKey with {name}")
    key = backend.create_key(
        None,
        request.get("KeyUsage", "ENCRYPT_DECRYPT"),
        request.get("KeySpec") or request.get("CustomerMasterKeySpec") or "SYMMETRIC_DEFAULT",
        request.get("Description", ""),
        request.get("Tags"),
        request.get("MultiRegion", False),
        request.get("Origin", "AWS_KMS"),
    )
    if "Policy" in request:
        try:
            key.policy = _accepted(key, request)
        except BaseException:
            backend.delete_key(key.id)
            raise
    return {name: {k: v for k, v in members.items() if v is not None} for name, members in key.to_dict().items()}


def put_key_policy(backend: KmsBackend, request: Mapping[str, Any]) -> Json:
    """PutKeyPolicy: replaces the whole policy."""
    _require_default(request)
    key = key_of(backend.account_id, backend.region_name, request["KeyId"])
    require_usable(key)
    if key.key_manager == "AWS":
        raise aws_error("UnsupportedOperationException", f"{key.arn} is an AWS managed key.")
    policy = _accepted(key, request)
    stale_reads.written(key.arn, key.policy)
    key.policy = policy
    return {}


def get_key_policy(backend: KmsBackend, request: Mapping[str, Any]) -> Json:
    """GetKeyPolicy: KMS shows a policy in its own layout, whatever the layout it was given in."""
    _require_default(request)
    key = key_of(backend.account_id, backend.region_name, request["KeyId"])
    policy = stale_reads.read(key.arn, key.policy) or key.policy
    shown = json.dumps(json.loads(shown_form(policy)), indent=2, separators=(",", " : "))
    return {"Policy": shown, "PolicyName": "default"}


def _require_default(request: Mapping[str, Any]) -> None:
    if request.get("PolicyName", "default") != "default":
        raise aws_error("NotFoundException", "No such policy exists")


def _accepted(key: Key, request: Mapping[str, Any]) -> str:
    text: str = request["Policy"]
    if len(text.encode()) > SIZE_LIMIT:
        raise aws_error("LimitExceededException", f"The key policy is longer than {SIZE_LIMIT} bytes.")
    try:
        kept = accept(key.arn, text, effective)
    except UnknownPrincipal as problem:
        invalid = "Policy contains a statement with one or more invalid principals."
        raise _malformed(f"{invalid} {problem}") from problem
    except PolicyProblem as problem:
        raise _malformed(str(problem)) from problem
    if not request.get("BypassPolicyLockoutSafetyCheck") and not _keeps_the_door_open(key, kept):
        raise _malformed("The new key policy will not allow you to update the key policy in the future.")
    return kept


def _keeps_the_door_open(key: Key, policy: str) -> bool:
    """Whether the caller may put a policy again when this one is in force."""
    principal = caller.get() or root(key.account_id)
    context: Context = {"kms:CallerAccount": (principal.account,)}
    now = policies_for(principal, "kms:PutKeyPolicy", key.arn, key.account_id, context)
    after = replace(now, resource=(parse(key.arn, Kind.RESOURCE, effective(shown_form(policy))),))
    return evaluate(Request(principal, "kms:PutKeyPolicy", key.arn, key.account_id, context), after).allowed


def _malformed(message: str) -> Exception:
    return aws_error("MalformedPolicyDocumentException", message)
