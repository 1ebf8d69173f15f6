"""A file of rules is for one partition of AWS, and asks for nothing that isn't there."""

from pathlib import Path

import pytest

from stagegate.core.errors import SettingsError
from stagegate.rules.__main__ import main
from stagegate.rules.load import load

SHIPPED = (Path(__file__).parents[3] / "layers" / "settings" / "governance.toml").read_text()
OF_CHINA = SHIPPED.replace("arn:aws:", "arn:aws-cn:").replace("us-east-1", "cn-north-1")
OF_GOVCLOUD = SHIPPED.replace("arn:aws:", "arn:aws-us-gov:").replace("us-east-1", "us-gov-west-1")
IMPORT = """
[[imports]]
stage = "prod"
from = { group = "*" }
"""
GUARDRAIL = """
[[guardrails]]
name = "models"
by = "scp"
accounts = ["222233334444"]
bedrock.deny = ["anthropic.*"]
"""
KEY = """
[[buckets]]
name = "models-of-ours"
account = "222233334444"
key = "{key}"
"""


def problems(tmp_path: Path, text: str, partition: str | None = None) -> str:
    """What is wrong with a file, without its name; "" for nothing."""
    path = tmp_path / "governance.toml"
    path.write_text(text)
    try:
        load(path, partition)
    except SettingsError as error:
        return str(error).replace(f"{path}:", "")
    return ""


@pytest.mark.parametrize(("text", "partition"), [(OF_CHINA, "aws-cn"), (OF_GOVCLOUD, "aws-us-gov"), (SHIPPED, "aws")])
def test_a_file_of_one_partition_is_right_there(tmp_path: Path, text: str, partition: str) -> None:
    assert problems(tmp_path, text, partition) == ""
    assert problems(tmp_path, text) == ""


def test_a_file_of_another_partition_is_refused_where_it_is_deployed(tmp_path: Path) -> None:
    said = 'found "arn:aws:iam::111122223333:role/ModelApprover", of the partition aws; allowed: names of aws-cn, where'
    assert said in problems(tmp_path, SHIPPED, "aws-cn")


def test_names_of_two_partitions_contradict_each_other(tmp_path: Path) -> None:
    key = "arn:aws-cn:kms:cn-north-1:222233334444:key/0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"
    found = problems(tmp_path, SHIPPED + KEY.format(key=key))
    assert 'buckets[1].key: found "arn:aws-cn:kms:cn-north-1:222233334444:key/' in found
    assert "of the partition aws-cn; allowed: names of aws, as above" in found


def test_an_arn_whose_region_is_of_another_partition_contradicts_itself(tmp_path: Path) -> None:
    key = "arn:aws:kms:cn-north-1:222233334444:key/0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"
    assert "of the partition aws-cn; allowed: names of aws" in problems(tmp_path, SHIPPED + KEY.format(key=key))


@pytest.mark.parametrize(("text", "partition"), [(OF_CHINA, "aws-cn"), (OF_GOVCLOUD, "aws-us-gov")])
def test_an_import_is_refused_where_bedrock_imports_nothing(tmp_path: Path, text: str, partition: str) -> None:
    said = f"imports[0]: found an import in the partition {partition}; allowed: none"
    assert said in problems(tmp_path, text + IMPORT)
    assert said in problems(tmp_path, text + IMPORT, partition)
    assert "partition" not in problems(tmp_path, SHIPPED + IMPORT)


def test_a_guardrail_on_bedrocks_models_is_refused_in_china_and_right_in_govcloud(tmp_path: Path) -> None:
    said = "guardrails[0].bedrock: found models of Bedrock in the partition aws-cn; allowed: none"
    assert said in problems(tmp_path, OF_CHINA + GUARDRAIL)
    assert "partition" not in problems(tmp_path, OF_GOVCLOUD + GUARDRAIL)


def test_the_check_takes_the_partition(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "governance.toml"
    path.write_text(SHIPPED)
    assert main(path, "aws") == 0
    assert main(path, "aws-us-gov") == 1
    assert "of the partition aws; allowed: names of aws-us-gov" in capsys.readouterr().err
