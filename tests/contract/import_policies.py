"""Requests for what an import writes: the execution role's own policy under its boundary, and whom it trusts."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from stagegate.targets.execution_role import ExecutionRole
from stagegate.targets.target import TargetType
from tests.support.builders import DEV, PROD, TEST
from tests.support.evaluators import ALLOWED, LACKING, Question
from tests.support.generated import Case, on_import
from tests.support.imports import MODEL_KEY, SOURCE_KEY, import_rules, wants_for
from tests.support.template_policies import import_boundary

BEDROCK = "bedrock.amazonaws.com"
VIA = {"kms:ViaService": "bedrock.us-east-1.amazonaws.com"}
FOR_BEDROCK = {**VIA, "kms:GrantIsForAWSResource": "true"}


def the_role() -> ExecutionRole:
    """The execution role of churn/3 in prod's account, with the owner's key and the host's."""
    rules = import_rules(source_key=SOURCE_KEY, key=MODEL_KEY)
    (role,) = [
        desired_grant.role
        for desired_grant in wants_for(rules)
        if desired_grant.target.type is TargetType.IMPORT_ROLE and desired_grant.role
    ]
    return role


def import_cases() -> Iterator[tuple[str, Case]]:
    """What the role may, and all that is near it; by its own policy, by its boundary alone, and who may take it."""
    role = the_role()
    boundary = import_boundary(PROD, sources=DEV, keys=MODEL_KEY)
    for name, (how, requested, expected) in (
        *(("execution role", case) for case in _on_weights(role)),
        *(("execution role", case) for case in _on_keys(role)),
    ):
        yield name, (how, replace(requested, boundary=boundary), expected)
    yield from (("import boundary", case) for case in _bounded(role, boundary))
    yield from (("trust of an execution role", case) for case in _taken(role))


def _on_weights(role: ExecutionRole) -> Iterator[Case]:
    bucket, folder = f"arn:aws:s3:::{role.source.bucket}", role.source.key
    get = Question(
        role=role.arn,
        action="s3:GetObject",
        resource=f"{bucket}/{folder}config.json",
        account=DEV,
        identity=role.permissions(),
        resource_policy=on_import().text,
    )
    yield "gets what is in its folder", get, ALLOWED
    for wrong in ("churn/33/config.json", "churn/config.json", "churn/3", "x/churn/3/config.json"):
        yield f"gets {wrong}", replace(get, resource=f"{bucket}/{wrong}"), LACKING
    yield "gets from a bucket with a longer name", replace(get, resource=f"{bucket}2/{folder}config.json"), LACKING
    yield "gets from an account that isn't the owner's", replace(get, account=TEST), LACKING
    yield "puts", replace(get, action="s3:PutObject"), LACKING
    for other in (f"{role.arn}-2", role.arn[:-1], role.arn.replace("/stagegate/", "/")):
        yield f"{other} gets, with the same policy", replace(get, role=other), LACKING
    lists = replace(get, action="s3:ListBucket", resource=bucket, context={"s3:prefix": folder})
    yield "lists its folder", lists, ALLOWED
    for prefix in ("churn/", "churn/33/", ""):
        yield f"lists {prefix!r}", replace(lists, context={"s3:prefix": prefix}), LACKING
    yield "lists everything", replace(lists, context={}), LACKING


def _on_keys(role: ExecutionRole) -> Iterator[Case]:
    decrypt = Question(
        role=role.arn,
        action="kms:Decrypt",
        resource=SOURCE_KEY,
        account=DEV,
        identity=role.permissions(),
        resource_policy=_key_policy(),
    )
    yield "decrypts the weights", decrypt, ALLOWED
    yield "looks at their key", replace(decrypt, action="kms:DescribeKey"), ALLOWED
    yield "decrypts with another key", replace(decrypt, resource=f"{SOURCE_KEY[:-1]}9"), LACKING
    for action in ("kms:GenerateDataKey", "kms:CreateGrant", "kms:PutKeyPolicy"):
        yield f"{action} with the weights' key", replace(decrypt, action=action), LACKING
    keep = replace(decrypt, action="kms:GenerateDataKey", resource=MODEL_KEY, account=PROD, context=VIA)
    for action in ("kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey"):
        yield f"{action} with the model's key, for Bedrock", replace(keep, action=action), ALLOWED
    yield "encrypts for itself", replace(keep, context={}), LACKING
    yield (
        "encrypts for another service",
        replace(keep, context={"kms:ViaService": "s3.us-east-1.amazonaws.com"}),
        LACKING,
    )
    yield "encrypts with another key", replace(keep, resource=f"{MODEL_KEY[:-1]}9"), LACKING
    grant = replace(keep, action="kms:CreateGrant", context=FOR_BEDROCK)
    yield "makes a grant for Bedrock", grant, ALLOWED
    yield "makes a grant for anybody", replace(grant, context={**VIA, "kms:GrantIsForAWSResource": "false"}), LACKING
    yield "makes a grant past Bedrock", replace(grant, context={"kms:GrantIsForAWSResource": "true"}), LACKING


def _bounded(role: ExecutionRole, boundary: str) -> Iterator[Case]:
    """Whatever is written into an execution role, it can do no more than this."""
    requested = Question(
        role=role.arn,
        action="s3:GetObject",
        resource=f"arn:aws:s3:::{role.source.bucket}/x",
        account=DEV,
        boundary=boundary,
    )
    opened = replace(requested, resource_policy=_bucket_policy(role))
    yield "reads a bucket of the owner's", opened, ALLOWED
    yield "reads a bucket of somebody else", replace(opened, account=TEST), LACKING
    yield "puts", replace(opened, action="s3:PutObject"), LACKING
    key = replace(requested, action="kms:GenerateDataKey", resource=MODEL_KEY, account=PROD, context=VIA)
    key = replace(key, resource_policy=_key_policy())
    yield "uses the host's key for Bedrock", key, ALLOWED
    yield "uses it for itself", replace(key, context={}), LACKING
    yield "uses another of the host's keys", replace(key, resource=f"{MODEL_KEY[:-1]}9"), LACKING


def _taken(role: ExecutionRole) -> Iterator[Case]:
    jobs = f"arn:aws:bedrock:us-east-1:{PROD}:model-import-job/x1"
    requested = Question(
        role=BEDROCK,
        action="sts:AssumeRole",
        resource=role.arn,
        account=PROD,
        context={"aws:SourceAccount": PROD, "aws:SourceArn": jobs},
        resource_policy=role.trust(),
        is_trust=True,
    )
    yield "Bedrock, for a job of the account", requested, ALLOWED
    yield "another service", replace(requested, role="sagemaker.amazonaws.com"), LACKING
    for source, arn in (
        (TEST, jobs),
        (PROD, jobs.replace(PROD, TEST)),
        (PROD, jobs.replace("model-import-job", "model-customization-job")),
        (PROD, jobs.replace("us-east-1", "us-west-2")),
    ):
        yield (
            f"for {arn} of {source}",
            replace(requested, context={"aws:SourceAccount": source, "aws:SourceArn": arn}),
            LACKING,
        )
    yield "for nobody", replace(requested, context={}), LACKING
    yield "a role of the account", replace(requested, role=f"arn:aws:iam::{PROD}:role/Administrator"), LACKING


def _bucket_policy(role: ExecutionRole) -> str:
    resource = f"arn:aws:s3:::{role.source.bucket}/*"
    return _document({"Effect": "Allow", "Principal": {"AWS": role.arn}, "Action": "s3:*", "Resource": resource})


def _key_policy() -> str:
    """A key policy that lets IAM decide, in both accounts, as a grant would for the role."""
    roots = [f"arn:aws:iam::{account}:root" for account in (DEV, PROD)]
    return _document({"Effect": "Allow", "Principal": {"AWS": roots}, "Action": "kms:*", "Resource": "*"})


def _document(statement: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
