"""What the roles of a stage need in their own account."""

from dataclasses import replace

import pytest

from stagegate.domain.consumer_policy import consumer_policy
from stagegate.domain.rules import Registration
from tests.support.builders import APPROVED, GOVERNANCE, reads, some_rules

READ = ["sagemaker:DescribeModelCard", "sagemaker:ListModelCardVersions"]
EXPORT = ["sagemaker:CreateModelCardExportJob", "sagemaker:DescribeModelCardExportJob"]
CARDS = f"arn:aws-cn:sagemaker:cn-north-1:{GOVERNANCE}:model-card/*"


@pytest.mark.parametrize(
    ("stage", "export", "expected"),
    [
        ("prod", False, READ),
        ("dev", False, [*READ, "sagemaker:UpdateModelCard"]),
        ("prod", True, EXPORT + READ),
        ("dev", True, [*EXPORT, *READ, "sagemaker:UpdateModelCard"]),
        ("unknown", False, READ),
    ],
)
def test_it_allows_what_some_status_gives_the_stage(stage: str, expected: list[str], *, export: bool) -> None:
    document = consumer_policy(
        some_rules(export=export), stage, partition="aws-cn", region="cn-north-1", governance_account=GOVERNANCE
    )
    statement, keys = document["Statement"]
    assert sorted(statement["Action"]) == sorted(expected)
    assert (statement["Effect"], statement["Resource"]) == ("Allow", [CARDS, f"{CARDS}/*"])
    writes = "sagemaker:UpdateModelCard" in expected
    assert keys["Action"] == (["kms:Decrypt", "kms:GenerateDataKey"] if writes else ["kms:Decrypt"])


def test_keys_are_used_through_sagemaker_and_for_cards_alone() -> None:
    document = consumer_policy(
        some_rules(), "dev", partition="aws-cn", region="cn-north-1", governance_account=GOVERNANCE
    )
    keys = document["Statement"][1]
    assert (keys["Effect"], keys["Resource"]) == ("Allow", "arn:aws-cn:kms:cn-north-1:*:key/*")
    assert keys["Condition"] == {
        "StringLike": {
            "kms:ViaService": "sagemaker.cn-north-1.amazonaws.com",
            "kms:EncryptionContext:aws:sagemaker:model-card-arn": CARDS,
        }
    }


def test_a_stage_that_registers_may_do_so_in_its_groups_and_no_others() -> None:
    registrations = (
        Registration(stage="dev", groups=("churn-*", "fraud")),
        Registration(stage="prod", groups=("prod-*",)),
        Registration(stage="dev", groups=("fraud",), roles=("Trainer",)),
    )
    rules = replace(some_rules(), registrations=registrations)
    home = f"arn:aws:sagemaker:eu-west-1:{GOVERNANCE}"
    document = consumer_policy(rules, "dev", partition="aws", region="eu-west-1", governance_account=GOVERNANCE)
    assert document["Statement"][-1] == {
        "Sid": "StagegateRegistering",
        "Effect": "Allow",
        "Action": ["sagemaker:CreateModelPackage", "sagemaker:DescribeModelPackageGroup"],
        "Resource": [
            f"{home}:model-package-group/churn-*",
            f"{home}:model-package/churn-*/*",
            f"{home}:model-package-group/fraud",
            f"{home}:model-package/fraud/*",
        ],
    }


def test_a_stage_that_reads_everywhere_may_write_nowhere() -> None:
    rules = some_rules(opens={APPROVED: (reads("dev"),)}, approvers=())
    document = consumer_policy(rules, "dev", partition="aws", region="eu-west-1", governance_account=GOVERNANCE)
    assert document["Statement"][0]["Action"] == READ
