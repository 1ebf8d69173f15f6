"""Nothing names a partition of AWS: what is deployed into China or GovCloud is of there."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import botocore.session
import pytest

from stagegate.core.partitions import WITH_IMPORTS, WITHOUT_BEDROCK, partition_of
from stagegate.subjects.packages.imports.weights import REGIONS
from tests.support.builders import DEV
from tests.support.template_policies import Place, deployed_roles, import_boundary

ROOT = Path(__file__).parents[2]
DEPLOYED = (
    "statemachines/*.yaml",
    "template.yaml",
    "member-template.yaml",
    "management-template.yaml",
    "organization/*.json",
    "functions/**/*.py",
    "layers/stagegate/**/*.py",
)
_PARTITION = re.compile(r"arn:aws(?:-[a-z]+)*:")
_SUFFIX = re.compile(r"[\w.${}:<>-]+\.amazonaws\.com(?:\.cn)?")
# The name of a service as a principal, of an event's source, or in kms:ViaService is the same in China and GovCloud,
# except where the partition's own stands beside it ("region-info" of the AWS CDK).
SERVICES = {
    "bedrock.amazonaws.com",
    "cloudwatch.amazonaws.com",
    "delivery.logs.amazonaws.com",
    "events.amazonaws.com",
    "lambda.amazonaws.com",
    "organizations.amazonaws.com",
    "sagemaker.amazonaws.com",
    "states.amazonaws.com",
}
PLACES = [
    Place(region="cn-north-1", partition="aws-cn", suffix="amazonaws.com.cn"),
    Place(region="us-gov-west-1", partition="aws-us-gov", suffix="amazonaws.com"),
]


def named_in(text: str) -> Iterator[str]:
    """What in a text is of one partition: the beginning of an ARN, or the name of a host."""
    yield from _PARTITION.findall(text)


def deployed() -> Iterator[Path]:
    for pattern in DEPLOYED:
        yield from sorted(ROOT.glob(pattern))


def test_a_partition_is_found() -> None:
    assert list(named_in("Resource: arn:aws:states:::lambda:invoke")) == ["arn:aws:"]
    assert list(named_in("f'arn:aws-cn:s3:::{bucket}'")) == ["arn:aws-cn:"]
    assert not list(named_in("Resource: arn:${Partition}:states:::lambda:invoke, arn:aws[a-z-]*:, arn:*:sagemaker:"))


@pytest.mark.parametrize("path", list(deployed()), ids=lambda path: str(path.relative_to(ROOT)))
def test_what_is_deployed_names_no_partition(path: Path) -> None:
    assert list(named_in(path.read_text())) == []


@pytest.mark.parametrize("path", ["template.yaml", "member-template.yaml", "management-template.yaml"])
def test_a_service_that_has_another_name_in_china_has_the_partitions(path: str) -> None:
    text = re.sub(r"https://\S+", "", (ROOT / path).read_text())
    named = set(_SUFFIX.findall(text))
    regional = {name for name in named if "${AWS::Region}" in name and not name.startswith("bedrock.")}  # not in China
    assert named - SERVICES - {"bedrock.${AWS::Region}.amazonaws.com"} == regional
    for name in regional:
        assert text.count(name) == text.count(name.replace(".amazonaws.com", ".${AWS::URLSuffix}")), name


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.partition)
def test_every_arn_of_a_deployed_policy_is_of_the_stacks_partition(place: Place) -> None:
    texts = [text for role in deployed_roles(place) for text in (role.arn, role.policy, role.trust)]
    texts.append(import_boundary(DEV, sources="", keys="", place=place))
    found = {arn.split(":")[1] for text in texts for arn in re.findall(r'(?<=")arn:[^"]+', text)}
    assert found - {"*"} == {place.partition}


def test_the_delegation_is_of_the_partition_that_is_filled_in() -> None:
    text = (ROOT / "organization" / "delegation-policy.json").read_text().replace("${Partition}", "aws-cn")
    found = re.findall(r'(?<=")arn:[^"]+', text)
    assert {arn.split(":")[1] for arn in found} == {"aws-cn"}
    assert json.loads(text)


def partitions_of_botocore() -> list[dict[str, Any]]:
    loader = botocore.session.get_session().get_component("data_loader")
    return list(loader.load_data("endpoints")["partitions"])


def test_a_region_is_in_the_partition_that_botocore_says() -> None:
    for partition in partitions_of_botocore():
        for region in partition["regions"]:
            assert partition_of(region) == partition["partition"]


def test_bedrock_is_where_botocore_has_an_endpoint() -> None:
    without = {each["partition"] for each in partitions_of_botocore() if "bedrock" not in each["services"]}
    assert without == WITHOUT_BEDROCK


def test_imports_are_in_the_partitions_of_their_regions() -> None:
    assert {partition_of(region) for region in REGIONS} == WITH_IMPORTS
