"""What is special about the policies of KMS keys."""

from __future__ import annotations

import json
from functools import lru_cache

from sandbox.kernel.place import PARTITION, URL_SUFFIX


@lru_cache(maxsize=1024)
def effective(text: str) -> str:
    """A key policy without the statements that have no effect; what isn't a policy is left for the parser to refuse.

    https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html: "If either of the required Resource or
    Action elements are missing from a key policy statement, the policy statement has no effect."
    """
    try:
        document = json.loads(text)
    except ValueError:
        return text
    statements = document.get("Statement") if isinstance(document, dict) else None
    if not isinstance(statements, list):
        return text
    kept = [each for each in statements if _has(each, "Action") and _has(each, "Resource")]
    return text if len(kept) == len(statements) else json.dumps(document | {"Statement": kept})


def _has(statement: object, element: str) -> bool:
    return not isinstance(statement, dict) or element in statement or f"Not{element}" in statement


def aws_managed(service: str, region: str, account: str) -> str:
    """The policy of the key `alias/aws/<service>`: AWS's own, which nobody can change.

    Everybody of the account, and only through the service; so another account never gets in, nor another service's
    delivery, and nobody may create a grant.
    https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
    """
    through = {"kms:ViaService": f"{service}.{region}.{URL_SUFFIX}", "kms:CallerAccount": account}
    use = {
        "Effect": "Allow",
        "Principal": {"AWS": "*"},
        "Action": ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"],
        "Resource": "*",
        "Condition": {"StringEquals": through},
    }
    look = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:{PARTITION}:iam::{account}:root"},
        "Action": ["kms:Describe*", "kms:Get*", "kms:List*"],
        "Resource": "*",
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [use, look]})
