"""The bucket of these tests, and its policy."""

from __future__ import annotations

import json
from typing import Any

from tests.support.authorization import CONSUMER, document, may

BUCKET, OBJECTS = "arn:aws:s3:::artifacts", "arn:aws:s3:::artifacts/churn/*"
ACCOUNT = {"AWS": f"arn:aws:iam::{CONSUMER}:root"}
KEY = "churn/1/model.tar.gz"


def put(s3: Any, *statements: dict[str, Any]) -> None:
    s3.put_bucket_policy(Bucket="artifacts", Policy=document(*statements))


def shown(s3: Any) -> list[dict[str, Any]]:
    return list(json.loads(s3.get_bucket_policy(Bucket="artifacts")["Policy"])["Statement"])


def reading(**more: Any) -> dict[str, Any]:
    return may("s3:GetObject", OBJECTS, Principal=ACCOUNT, **more)
