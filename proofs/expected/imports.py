"""Importing weights into Bedrock: the role that reads them, and what it is let at."""

import hashlib

from proofs.expected.facts import REGION, Data, Grant, Model, Settings, bucket_of


def role(model: Model, host: str) -> str:
    """Return the ARN of the role: one for each package and hosting account, below our path."""
    return f"arn:aws:iam::{host}:role/stagegate/stagegate-import-{hashlib.sha256(model.arn.encode()).hexdigest()[:12]}"


def on_bucket(model: Model, host: str) -> list[Grant]:
    """The role may read the one folder of weights, and list it."""
    (data,) = model.data
    who = [role(model, host)]
    return [{"who": who, "may": ["s3:GetBucketLocation"], "on": [f"arn:aws:s3:::{data.bucket}"]}, *_read(data, who=who)]


def permissions(settings: Settings, model: Model, model_key: str | None) -> list[Grant]:
    """The same from its own side, of the bucket's owner alone; the weights' key; and the model's, for Bedrock alone."""
    (data,) = model.data
    entry = bucket_of(settings, data.bucket)
    of_owner = {"aws:ResourceAccount": [entry["account"]]}
    found = [{**grant, "where": {**grant.get("where", {}), **of_owner}} for grant in _read(data)]
    if "key" in entry:
        found.append({"may": ["kms:Decrypt", "kms:DescribeKey"], "on": [entry["key"]]})
    if model_key:
        by_bedrock = {"kms:ViaService": [f"bedrock.{REGION}.amazonaws.com"]}
        found += [
            {"may": ["kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey"], "on": [model_key], "where": by_bedrock},
            {
                "may": ["kms:CreateGrant"],
                "on": [model_key],
                "where": {**by_bedrock, "kms:GrantIsForAWSResource": [True]},
            },
        ]
    return found


def trust(host: str) -> list[Grant]:
    """Bedrock takes the role, for import jobs of the hosting account."""
    jobs = {"like": f"arn:aws:bedrock:{REGION}:{host}:model-import-job/*"}
    where = {"aws:SourceAccount": [host], "aws:SourceArn": [jobs]}
    return [{"who": ["bedrock.amazonaws.com"], "may": ["sts:AssumeRole"], "where": where}]


def _read(data: Data, **who: list[str]) -> list[Grant]:
    bucket = f"arn:aws:s3:::{data.bucket}"
    below = {"s3:prefix": [{"start": data.key}]}
    return [
        {**who, "may": ["s3:GetObject"], "on": [{"start": f"{bucket}/{data.key}"}]},
        {**who, "may": ["s3:ListBucket"], "on": [bucket], "where": below},
    ]
