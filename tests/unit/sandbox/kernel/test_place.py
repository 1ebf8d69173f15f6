"""The sandbox lies in one Region of one partition."""

import pytest

from sandbox.kernel.place import Place, place_of


@pytest.mark.parametrize(
    ("environment", "place"),
    [
        ({}, Place("us-east-1", "aws", "amazonaws.com")),
        ({"SANDBOX_PARTITION": "", "SANDBOX_REGION": ""}, Place("us-east-1", "aws", "amazonaws.com")),
        ({"SANDBOX_PARTITION": "aws-cn"}, Place("cn-north-1", "aws-cn", "amazonaws.com.cn")),
        ({"SANDBOX_REGION": "us-gov-east-1"}, Place("us-gov-east-1", "aws-us-gov", "amazonaws.com")),
        (
            {"SANDBOX_PARTITION": "aws-cn", "SANDBOX_REGION": "cn-northwest-1"},
            Place("cn-northwest-1", "aws-cn", "amazonaws.com.cn"),
        ),
    ],
)
def test_the_environment_says_where(environment: dict[str, str], place: Place) -> None:
    assert place_of(environment) == place


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"SANDBOX_PARTITION": "china"}, "SANDBOX_PARTITION: found 'china'; allowed: aws, aws-cn, aws-us-gov"),
        ({"SANDBOX_REGION": "the-moon"}, "SANDBOX_REGION: found 'the-moon'; allowed: a Region of AWS"),
        (
            {"SANDBOX_PARTITION": "aws-cn", "SANDBOX_REGION": "us-gov-west-1"},
            "SANDBOX_REGION: found 'us-gov-west-1' of aws-us-gov; allowed: one of aws-cn",
        ),
    ],
)
def test_no_such_place(environment: dict[str, str], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        place_of(environment)
