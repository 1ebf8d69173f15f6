"""Policies that S3 calls public, and what a bucket's public access block makes of them.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html, "The meaning of public":
a policy is public unless it lets in fixed values alone, which have no wildcard and no policy variable, of a principal
or of some condition keys. Of buckets alone: there are no settings of accounts and organizations here.
"""

from __future__ import annotations

import ipaddress
import json
from typing import Any  # policies are foreign JSON, and moto's buckets are untyped

_KEYS = frozenset(
    {
        "aws:principalaccount",
        "aws:principalarn",
        "aws:principalorgid",
        "aws:sourceaccount",
        "aws:sourcearn",
        "aws:sourceip",
        "aws:sourceowner",
        "aws:sourcevpc",
        "aws:sourcevpce",
        "aws:userid",
        "s3:dataaccesspointaccount",
        "s3:dataaccesspointarn",
        "s3:x-amz-server-side-encryption-aws-kms-key-id",
    }
)
_OPERATORS = frozenset(
    {"StringEquals", "StringEqualsIgnoreCase", "StringLike", "ArnEquals", "ArnLike", "IpAddress", "NumericEquals"}
)
"""That a key has to have one of the values. A qualifier or `IfExists` lets in where it is absent."""
_WIDEST = {4: 8, 6: 32}
"""The shortest prefix of addresses that isn't everybody's."""


def is_public(text: str) -> bool:
    """Whether a policy lets in more than fixed values."""
    statements = json.loads(text)["Statement"]
    listed = statements if isinstance(statements, list) else [statements]
    return any(_lets_everybody_in(each) for each in listed)


def restricted(text: str, owner: str) -> str:
    """The policy as RestrictPublicBuckets has it, where it is public: of its accounts the owner's alone, and services.

    Whoever another statement names is kept out as well.
    """
    if not is_public(text):
        return text
    document = json.loads(text)
    statements = document["Statement"]
    others = {
        "Sid": "RestrictPublicBuckets",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "*",
        "Resource": "*",
        "Condition": {
            "StringNotEquals": {"aws:PrincipalAccount": owner},
            "Bool": {"aws:PrincipalIsAWSService": "false"},
        },
    }
    listed = statements if isinstance(statements, list) else [statements]
    return json.dumps({**document, "Statement": [*listed, others]})


def _lets_everybody_in(statement: dict[str, Any]) -> bool:
    if statement["Effect"] != "Allow" or not _names_everybody(statement):
        return False
    conditions = statement.get("Condition", {})
    return not any(
        operator in _OPERATORS and key.lower() in _KEYS and all(_is_fixed(value) for value in _texts(values))
        for operator, keys in conditions.items()
        for key, values in keys.items()
    )


def _names_everybody(statement: dict[str, Any]) -> bool:
    if "NotPrincipal" in statement:
        return True
    named = statement.get("Principal")
    return named == "*" or (isinstance(named, dict) and "*" in _texts(named.get("AWS", [])))


def _is_fixed(value: str) -> bool:
    if "*" in value or "?" in value or "${" in value:
        return False
    try:
        addresses = ipaddress.ip_network(value, strict=False)
    except ValueError:
        return True
    return addresses.prefixlen >= _WIDEST[addresses.version]


def _texts(value: Any) -> list[str]:
    return [str(each) for each in value] if isinstance(value, list) else [str(value)]
