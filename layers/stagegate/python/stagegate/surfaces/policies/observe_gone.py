"""Whether a target is there at all: asked where something about it was refused, and of nothing else.

S3 gives the name of a bucket that was deleted to whoever asks for it next, and says AccessDenied of another account's
bucket as of one's own that a policy closes ("Bucket naming rules", "Verifying bucket ownership", Amazon S3 user guide).
The list of an account's own buckets tells the two apart.
"""

from collections.abc import Callable, Collection
from typing import Any

from botocore.exceptions import ClientError

from stagegate.aws.errors import code_of, translated
from stagegate.aws.sessions import Resources
from stagegate.surfaces.policies import observe, observe_buckets, observe_keys
from stagegate.targets.target import Target, TargetType

BUCKET_PERMISSIONS = observe_buckets.PERMISSIONS

Client = Callable[[str, Collection[str], Resources], Any]
"""Makes a client of a service in the target's account that may do these actions on these resources, and no others."""


def is_gone(client: Client, target: Target) -> bool:
    """Tell whether the account has no such bucket, repository, group or key: what was open there can't be open by us.

    A bucket that another account has by now is gone as well. Raises RefusedError, ThrottledError and MemberRoleError
    where that can't be told.
    """
    with translated(f"look whether {target.id} is there"):
        try:
            match target.type:
                case TargetType.BUCKET_POLICY:
                    s3 = client("s3", BUCKET_PERMISSIONS, "*")
                    return target.name not in observe_buckets.names(s3, target.name)
                case TargetType.REPOSITORY_POLICY:
                    ecr = client("ecr", observe.REPOSITORY_PERMISSIONS, target.arn)
                    ecr.get_repository_policy(registryId=target.account, repositoryName=target.name)
                case TargetType.GROUP_POLICY:
                    sagemaker = client("sagemaker", observe.GROUP_PERMISSIONS, target.arn)
                    sagemaker.get_model_package_group_policy(ModelPackageGroupName=target.name)
                case TargetType.KEY_GRANTS:
                    client("kms", observe_keys.PERMISSIONS, target.arn).list_grants(KeyId=target.name, Limit=1)
                case _:  # an execution role's or a model's own calls say that it is gone
                    return False
        except ClientError as error:
            if code_of(error) in ("RepositoryNotFoundException", "NotFoundException") or observe.is_no_group(error):
                return True
            if code_of(error) == "RepositoryPolicyNotFoundException" or observe.is_no_group_policy(error):
                return False
            raise
    return False
