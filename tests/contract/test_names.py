"""Stacks of two Regions and two prefixes have no name in common, and may touch nothing of each other's by a pattern."""

import json
import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

import pytest

from stagegate.rules.names import policy_arn, policy_name
from stagegate.surfaces.fences.observe import boundary_arn, scp_name
from stagegate.targets.execution_role import role_name
from tests.support.builders import DEV, GOVERNANCE
from tests.support.template_policies import MANAGEMENT, ORGANIZATION, Place, resolved

ROOT = Path(__file__).parents[2]
HERE, THERE = Place(), Place(region="eu-west-1")
FENCED = f"arn:aws:iam::{DEV}:role/ModelDeveloper"
PACKAGE = f"arn:aws:sagemaker:us-east-1:{GOVERNANCE}:model-package/churn/1"
TEMPLATES = {
    "template.yaml": (GOVERNANCE, {"OrganizationId": "o-stagegate01"}),
    "member-template.yaml": (
        DEV,
        {
            "GovernanceAccountId": GOVERNANCE,
            "OrganizationId": ORGANIZATION,
            "FencedRoles": f"arn:aws:iam::{DEV}:role/R",
        },
    ),
    "management-template.yaml": (
        MANAGEMENT,
        {"GovernanceAccountId": GOVERNANCE, "GovernanceRegion": "us-east-1"},
    ),
}
# What names a resource, by its type. Where a resource leaves it out, or there is none, the name is of CloudFormation's
# making.
NAMES = {
    "AWS::CloudWatch::Alarm": "AlarmName",
    "AWS::CloudWatch::Dashboard": "DashboardName",
    "AWS::DynamoDB::Table": "TableName",
    "AWS::Events::EventBus": "Name",
    "AWS::IAM::ManagedPolicy": "ManagedPolicyName",
    "AWS::IAM::Role": "RoleName",
    "AWS::KMS::Alias": "AliasName",
    "AWS::Logs::LogGroup": "LogGroupName",
    "AWS::SNS::Topic": "TopicName",
    "AWS::SQS::Queue": "QueueName",
    "AWS::Serverless::Function": "FunctionName",
    "AWS::Serverless::LayerVersion": "LayerName",
    "AWS::StepFunctions::StateMachine": "StateMachineName",
}
UNNAMED = {
    "AWS::Events::EventBusPolicy",  # within its bus
    "AWS::Events::Rule",
    "AWS::IAM::Policy",  # within its role
    "AWS::KMS::Key",
    "AWS::Lambda::EventInvokeConfig",
    "AWS::Lambda::Permission",
    "AWS::S3::Bucket",  # CloudFormation's own: a bucket that was kept is in no new stack's way
    "AWS::S3::BucketPolicy",
    "AWS::SNS::Subscription",
    "AWS::SNS::TopicPolicy",
    "AWS::SQS::QueuePolicy",
}


@cache
def names(prefix: str, place: Place) -> tuple[tuple[str, str, str, str], ...]:
    """Every physical name of all stacks: account, Region ("" where there is one list for all), type and name."""
    return tuple(_names(prefix, place))


def _names(prefix: str, place: Place) -> Iterator[tuple[str, str, str, str]]:
    for path, (account, given) in TEMPLATES.items():
        resources, resolver = resolved(path, account, {**given, "Prefix": prefix}, place)
        for resource in resources.values():
            kind = resource["Type"]
            if NAMES.get(kind) in resource["Properties"]:
                region = "" if kind.startswith(("AWS::IAM::", "AWS::CloudWatch::Dashboard")) else place.region
                yield account, region, kind, str(resolver.resolve(resource["Properties"][NAMES[kind]]))


def made(prefix: str) -> Iterator[tuple[str, str, str, str]]:
    """The names of the account or the organization that runs give."""
    yield "organization", "", "policy", scp_name(prefix, DEV)
    yield "organization", "", "policy", policy_name(prefix, "no-public-hub")
    yield DEV, "", "AWS::IAM::ManagedPolicy", policy_arn(prefix, "no-public-hub", DEV, "aws").rsplit("/", 1)[1]
    yield DEV, "", "AWS::IAM::ManagedPolicy", boundary_arn(prefix, DEV, "aws").rsplit("/", 1)[1]
    yield DEV, "", "AWS::IAM::Role", role_name(prefix, PACKAGE)


@cache
def arns(prefix: str) -> list[str]:
    """The ARNs of everything that a stack's names are of, which patterns of another stack might fit."""
    listed = [*names(prefix, THERE), *made(prefix)]
    paths = {"AWS::IAM::Role": ("role/", "role/stagegate/"), "AWS::IAM::ManagedPolicy": ("policy/stagegate/",)}
    own = {
        "AWS::Logs::LogGroup": "logs:{0}:{1}:log-group:{2}",
        "AWS::Serverless::Function": "lambda:{0}:{1}:function:{2}",
    }
    of_iam = [f"arn:aws:iam::{a}:{path}{name}" for a, _, kind, name in listed for path in paths.get(kind, ())]
    return [*of_iam, *(f"arn:aws:{own[kind].format(r, a, name)}" for a, r, kind, name in listed if kind in own)]


@cache
def patterns(prefix: str) -> list[str]:
    """What a stack's policies name as theirs: every ARN that has its prefix in it."""
    found: list[str] = []
    for path, (account, given) in TEMPLATES.items():
        resources, resolver = resolved(path, account, {**given, "Prefix": prefix}, HERE)
        text = json.dumps([resolver.resolve(resource["Properties"]) for resource in resources.values()])
        found += [arn for arn in re.findall(r'(?<=")arn:[^"]+', text) if re.search(rf"[/:]{re.escape(prefix)}\b", arn)]
    return found


def fitting(pattern: str, listed: list[str]) -> list[str]:
    """The ARNs that a pattern fits, whatever their Region: its brackets would mean themselves."""
    return [arn for arn in listed if fnmatchcase(arn.replace(THERE.region, HERE.region), pattern)]


def test_every_type_is_known_to_have_a_name_or_none() -> None:
    kinds = {
        resource["Type"]
        for path, (account, given) in TEMPLATES.items()
        for resource in resolved(path, account, given)[0].values()
    }
    assert kinds <= NAMES.keys() | UNNAMED
    assert not NAMES.keys() & UNNAMED


def test_no_stack_exports_what_another_could_export_too() -> None:
    for path in TEMPLATES:
        assert "Export:" not in (ROOT / path).read_text()


def test_every_name_begins_with_the_prefix() -> None:
    for _, _, kind, name in names("gate-eu", HERE):
        begin = {"AWS::KMS::Alias": "alias/", "AWS::Logs::LogGroup": r"/aws/(lambda|vendedlogs/states)/"}.get(kind, "")
        assert re.match(rf"{begin}gate-eu(-|$)", name), (kind, name)


def test_both_stacks_of_one_account_have_names_of_their_own() -> None:
    """The governance account may own artifacts, and then it is a member as well."""
    listed = [(region, kind, name) for _, region, kind, name in names("stagegate", HERE)]
    assert len(listed) == len(set(listed))


@pytest.mark.parametrize("regions", [(HERE, HERE), (HERE, THERE)], ids=["one Region", "two Regions"])
@pytest.mark.parametrize("prefixes", [("stagegate", "gate-eu"), ("gate-us", "gate-eu"), ("gate", "gate-eu")])
def test_two_prefixes_have_no_name_in_common(prefixes: tuple[str, str], regions: tuple[Place, Place]) -> None:
    first, second = ({*names(prefix, place), *made(prefix)} for prefix, place in zip(prefixes, regions, strict=True))
    assert first
    assert not first & second


def test_one_prefix_in_two_regions_has_the_names_of_iam_in_common() -> None:
    """So `make deploy` refuses it (tools/deploy/neighbours.py), and CloudFormation does."""
    common = {*names("stagegate", HERE)} & {*names("stagegate", THERE)}
    assert {kind for _, _, kind, _ in common} == {"AWS::IAM::ManagedPolicy", "AWS::IAM::Role"}


@pytest.mark.parametrize("prefixes", [("stagegate", "gate-eu"), ("gate-us", "gate-eu"), ("gate-eu", "gate-us")])
def test_no_pattern_of_a_stack_fits_a_name_of_another(prefixes: tuple[str, str]) -> None:
    own, others = (arns(prefix) for prefix in prefixes)
    asked = patterns(prefixes[0])
    assert any(fitting(pattern, own) for pattern in asked)
    assert [pattern for pattern in asked if fitting(pattern, others)] == []


def test_a_pattern_fits_names_that_begin_with_its_prefix() -> None:
    """So `make deploy` refuses a prefix that begins another."""
    assert [pattern for pattern in patterns("gate") if fitting(pattern, arns("gate-import"))]
