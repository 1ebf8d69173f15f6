"""What is in alarm now, and who hears of it: an alarm tells a topic once, and nobody who subscribes to it later.

python -m tools.deploy.alarms --env prod --region eu-west-1
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from tools.deploy import samconfig

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_sns import SNSClient

CloudWatchClient = Any
"""CloudWatch's stubs are not among the tools."""
ROOT = Path(__file__).parents[2]
TOPICS = ("ApproversTopic", "OperationsTopic")
"""Outputs of the governance stack."""


def standing(
    cloudformation: "CloudFormationClient", cloudwatch: CloudWatchClient, sns: "SNSClient", *, stack: str, prefix: str
) -> Iterator[str]:
    """Yield a line for each alarm of the stack that is in ALARM, and for each topic that nobody has confirmed."""
    pages = cloudwatch.get_paginator("describe_alarms").paginate(AlarmNamePrefix=f"{prefix}-", StateValue="ALARM")
    for alarm in (alarm for page in pages for alarm in page["MetricAlarms"]):
        yield f"{alarm['AlarmName']}: in ALARM since {alarm['StateUpdatedTimestamp']:%Y-%m-%d %H:%M} UTC"
    outputs = cloudformation.describe_stacks(StackName=stack)["Stacks"][0].get("Outputs", ())
    topics = {each["OutputKey"]: each["OutputValue"] for each in outputs}
    for name in TOPICS:
        subscribed = sns.get_paginator("list_subscriptions_by_topic").paginate(TopicArn=topics[name])
        found = [each["SubscriptionArn"] for page in subscribed for each in page["Subscriptions"]]
        # What nobody has confirmed yet has no ARN ("ListSubscriptionsByTopic", API reference of SNS).
        if not any(arn.startswith("arn:") for arn in found):
            yield f"{topics[name]}: found {len(found)} subscriptions and none confirmed; nobody hears what it tells"


def main(arguments: list[str] | None = None) -> int:
    """Print the lines; return 1 if there are any."""
    parser = argparse.ArgumentParser(prog="python -m tools.deploy.alarms", description=__doc__)
    parser.add_argument("--env", required=True, help="a table of the configuration: default, dev, prod")
    parser.add_argument("--region", required=True, help='the Region, as "eu-west-1"')
    parser.add_argument("--config", type=Path, default=ROOT / "samconfig.toml", help="the samconfig.toml to read")
    given = parser.parse_args(arguments)
    try:
        environment = samconfig.read(given.config, given.env)
        session = boto3.Session(region_name=given.region)
        prefix = environment.parameters.get("Prefix", "stagegate")
        clients = (session.client("cloudformation"), session.client("cloudwatch"), session.client("sns"))
        found = list(standing(*clients, stack=environment.stack, prefix=prefix))
    except (ValueError, BotoCoreError, ClientError) as error:
        print(error, file=sys.stderr)
        return 1
    print("\n".join(found) or "no alarm stands, and somebody hears each topic")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
