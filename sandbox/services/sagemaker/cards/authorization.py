"""What the operations on model cards need.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsagemaker.html
"""

from __future__ import annotations

from sandbox.authorization.accesses import Access, Call, Row, anything, arn, needs, parameter
from sandbox.services.sagemaker.rows import described, requested_tags, tagged


def _card(call: Call) -> str:
    named = str(call.get("ModelCardName"))
    return named if named.startswith("arn:") else arn("sagemaker", call, f"model-card/{named}")


def _create_card(call: Call) -> list[Access]:
    key = (call.get("SecurityConfig") or {}).get("KmsKeyId", "")
    accesses = [Access("sagemaker:CreateModelCard", _card(call), requested_tags(call), key=key)]
    if call.get("Tags"):  # the action's dependent action, says the reference
        accesses.append(Access("sagemaker:AddTags", _card(call), requested_tags(call)))
    return accesses


ROWS: dict[str, Row] = {
    "CreateModelCard": _create_card,
    "CreateModelCardExportJob": tagged(_card),
    "DeleteModelCard": tagged(_card),
    "DescribeModelCard": described(_card),
    "DescribeModelCardExportJob": needs("sagemaker:DescribeModelCardExportJob", parameter("ModelCardExportJobArn")),
    "ListModelCardExportJobs": tagged(_card),
    "ListModelCardVersions": tagged(_card),
    "ListModelCards": needs("sagemaker:ListModelCards", anything),
    "UpdateModelCard": tagged(_card),
}
