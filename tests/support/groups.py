"""Model package groups for tests, and who registers in them: what is not named is ordinary."""

from dataclasses import replace

from stagegate.core.arns import subject_of
from stagegate.rules.imports import Registration
from stagegate.rules.model import Bucket, Rules
from stagegate.subjects.groups.model import Group
from tests.support.builders import DEV
from tests.support.packages import BUCKET, GROUP_ARN, KEY, package_rules

GROUP_SUBJECT = subject_of(GROUP_ARN)
GROUP = Group(arn=GROUP_ARN, name="churn", status="Completed", description="Churn of the shop.")
REPOSITORY = f"{DEV}.dkr.ecr.us-east-1.amazonaws.com/training/churn"
REGISTRATION = Registration(
    stage="dev", groups=("churn*",), data=(f"s3://{BUCKET}/training/",), repositories=(REPOSITORY,)
)
ENCRYPTED = Bucket(name=BUCKET, account=DEV, key=KEY)


def registering(*registrations: Registration, bucket: Bucket = ENCRYPTED) -> Rules:
    """Dev's role registers from an encrypted folder and a repository of dev's, unless told otherwise."""
    return replace(package_rules(buckets=[bucket]), registrations=registrations or (REGISTRATION,))
