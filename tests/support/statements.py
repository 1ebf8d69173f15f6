"""Statements, documents and requests for tests of shared policy documents."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from stagegate.iam.statements import Effect, Statement, conditions_of, statement_for, to_json

OWNER, DEV, TEST, PROD = "111122223333", "222233334444", "333344445555", "444455556666"
BUCKET = "arn:aws:s3:::models"


def role_in(account: str, name: str = "Deploy") -> str:
    return f"arn:aws:iam::{account}:role/{name}"


def root_of(account: str) -> str:
    return f"arn:aws:iam::{account}:root"


def grant(
    account: str = PROD,
    *prefixes: str,
    roles: Iterable[str] | None = None,
    actions: Iterable[str] = ("s3:GetObject",),
    conditions: Mapping[str, Mapping[str, Iterable[str] | str]] | None = None,
    effect: Effect = Effect.ALLOW,
) -> Statement:
    """Reading objects under these prefixes of the bucket, for an account or for roles of it given by their names."""
    return statement_for(
        account,
        None if roles is None else [role_in(account, name) for name in roles],
        partition="aws",
        actions=actions,
        resources=[f"{BUCKET}/{prefix}/*" for prefix in prefixes or ("churn",)],
        conditions=conditions_of(conditions or {}),
        effect=effect,
    )


def document_of(*statements: Statement | Mapping[str, Any], **top: Any) -> str:
    """A document with these statements, one by one and in this order."""
    listed = [to_json(each) if isinstance(each, Statement) else each for each in statements]
    return json.dumps({"Version": "2012-10-17", **top, "Statement": listed})
