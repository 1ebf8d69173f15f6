"""What the roles of the templates may do and who may assume them, with every parameter and reference filled in."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sandbox.services import cloudformation
from sandbox.services.cloudformation.intrinsics import Resolver
from sandbox.services.cloudformation.template import parameters
from tests.support.builders import DEV, GOVERNANCE, PROD, TEST

ROOT = Path(__file__).parents[2]
MEMBERS = f"{DEV},{TEST},{PROD}"
ORGANIZATION = "o-stagegate01"
MANAGEMENT = "999900001111"
KEY = "key/0f0e0d0c-0b0a-0908-0706-050403020100"


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a template is deployed: a Region, its partition, and the suffix of the hosts there."""

    region: str = "us-east-1"
    partition: str = "aws"
    suffix: str = "amazonaws.com"

    def located(self, text: str) -> str:
        """An ARN of the examples, as it is there."""
        return text.replace("arn:aws:", f"arn:{self.partition}:").replace(":us-east-1:", f":{self.region}:")


HERE = Place()


@dataclass(frozen=True, kw_only=True)
class DeployedRole:
    """A role as it is deployed: its ARN, one document of all its statements, and its trust policy; both as JSON."""

    arn: str
    policy: str
    trust: str

    @property
    def name(self) -> str:
        """Its name, which the templates fix."""
        return self.arn.rsplit("/", 1)[1]

    @property
    def statements(self) -> list[dict[str, Any]]:
        """Every statement of its policies."""
        return list(json.loads(self.policy)["Statement"])


def deployed_roles(place: Place = HERE, grantees: str = "*", *, outside: bool = False) -> tuple[DeployedRole, ...]:
    """The roles of all stacks: the governance account's, a member's that has artifacts and named roles, and the
    management account's.

    `grantees` is the parameter of that name, by default the templates' own default. `outside` is whether there is no
    organization.
    """
    artifacts = {
        "ArtifactBuckets": "arn:aws:s3:::model-artifacts-*",
        "ArtifactKeys": "arn:aws:kms:us-east-1:{account}:" + KEY,
        "Grantees": grantees,
        "ArtifactRepositories": "arn:aws:ecr:us-east-1:{account}:repository/team/serving",
    }
    guarded = {
        "FencedRoles": f"arn:aws:iam::{DEV}:role/ModelDeveloper",
        "GuardedRoles": f"arn:aws:iam::{DEV}:role/Canvas",
        "GuardedDomains": ",".join(
            f"arn:aws:sagemaker:us-east-1:{DEV}:{name}" for name in ("domain/d-1", "user-profile/d-1/*")
        ),
    }
    imports = {
        "ImportSources": DEV,
        "ImportKeys": artifacts["ArtifactKeys"],
        "ImportConsumers": "arn:aws:iam::{account}:role/ModelConsumer",
    }
    member = {"GovernanceAccountId": GOVERNANCE, "OrganizationId": ORGANIZATION, **guarded, **artifacts, **imports}
    bound = {"MemberAccounts": MEMBERS} if outside else {"OrganizationId": ORGANIZATION}
    return (
        *_roles("template.yaml", GOVERNANCE, bound | artifacts, place),
        *_roles("member-template.yaml", DEV, member, place),
        *_roles("management-template.yaml", MANAGEMENT, member | {"GovernanceRegion": "us-east-1"}, place),
    )


def import_boundary(account: str, *, sources: str, keys: str, place: Place = HERE) -> str:
    """The boundary of every execution role in an account that imports, as JSON."""
    given = {"GovernanceAccountId": GOVERNANCE, "OrganizationId": ORGANIZATION}
    imports = {"ImportSources": sources, "ImportKeys": keys}
    resources, resolver = resolved("member-template.yaml", account, {**given, **imports}, place)
    return json.dumps(resolver.resolve(resources["ImportBoundary"]["Properties"]["PolicyDocument"]))


def resolved(
    path: str, account: str, given: Mapping[str, str], place: Place = HERE
) -> tuple[Mapping[str, Any], Resolver]:
    """A template's resources, and what fills in their references."""
    template = cloudformation.read(ROOT / path)
    values = {name: place.located(value.replace("{account}", account)) for name, value in given.items()}
    known = {name: value for name, value in values.items() if name in template["Parameters"]}
    pseudo = {"AWS::AccountId": account, "AWS::Region": place.region, "AWS::Partition": place.partition}
    pseudo |= {"AWS::StackName": "x", "AWS::StackId": "x", "AWS::URLSuffix": place.suffix}
    resources = template["Resources"]
    arns = {name: place.located(_arn(account, name, resources)) for name in resources}
    resolver = Resolver({}, lambda name, _: arns[name], conditions=template.get("Conditions", {}))
    resolver.refs = {
        **arns,
        **pseudo,
        **parameters(template, known),
    }
    return resources, resolver


def _roles(path: str, account: str, given: Mapping[str, str], place: Place) -> list[DeployedRole]:
    resources, resolver = resolved(path, account, given, place)
    roles = []
    for name, resource in resources.items():
        if resource["Type"] != "AWS::IAM::Role":
            continue
        inline = [policy["PolicyDocument"] for policy in resource["Properties"].get("Policies", ())]
        apart = [
            policy["Properties"]["PolicyDocument"]
            for policy in resources.values()
            if policy["Type"] in ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy")
            and {"Ref": name} in policy["Properties"].get("Roles", ())
            and ("Condition" not in policy or resolver.holds(policy["Condition"]))
        ]
        statements = [s for document in resolver.resolve([*inline, *apart]) for s in document["Statement"]]
        trust = resolver.resolve(resource["Properties"]["AssumeRolePolicyDocument"])
        arn = f"arn:{place.partition}:iam::{account}:role/{resolver.resolve(resource['Properties']['RoleName'])}"
        policy = {"Version": "2012-10-17", "Statement": statements}
        roles.append(DeployedRole(arn=arn, policy=json.dumps(policy), trust=json.dumps(trust)))
    return roles


_ARNS = {
    "AWS::DynamoDB::Table": "dynamodb:us-east-1:{account}:table/{name}",
    "AWS::Events::EventBus": "events:us-east-1:{account}:event-bus/{name}",
    "AWS::Events::Rule": "events:us-east-1:{account}:rule/{name}",
    "AWS::S3::Bucket": "s3:::{name}",
    "AWS::IAM::ManagedPolicy": "iam::{account}:policy/stagegate/{name}",
    "AWS::IAM::Role": "iam::{account}:role/{name}",
    "AWS::KMS::Key": "kms:us-east-1:{account}:key/{name}",
    "AWS::Logs::LogGroup": "logs:us-east-1:{account}:log-group:{name}:*",
    "AWS::SNS::Topic": "sns:us-east-1:{account}:{name}",
    "AWS::SQS::Queue": "sqs:us-east-1:{account}:{name}",
    "AWS::Serverless::Function": "lambda:us-east-1:{account}:function:{name}",
    "AWS::StepFunctions::StateMachine": "states:us-east-1:{account}:stateMachine:{name}",
}


def _arn(account: str, name: str, resources: Mapping[str, Any]) -> str:
    """What a reference to a resource is worth: its ARN, by its type."""
    known = _ARNS.get(resources[name]["Type"], "cloudformation:us-east-1:{account}:{name}")
    if "EventBusName" in resources[name].get("Properties", {}):
        known = known.replace("rule/", "rule/the-bus/")
    return f"arn:aws:{known.format(account=account, name=name)}"
