"""SageMaker domains: the roles that their users work with, and what they say of Canvas's direct deployment.

Canvas and Studio work with the role of the user profile, or where it has none of its own with the domain's; shared
spaces with the domain's role for spaces ("UserSettings" and "DefaultSpaceSettings" in the API reference).
"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from stagegate.aws.errors import code_of, translated
from stagegate.subjects.guardrails.model import CanvasSetting, ObservedDomain, WorkingRole

if TYPE_CHECKING:
    from mypy_boto3_sagemaker import SageMakerClient

PERMISSIONS = frozenset(
    {
        "sagemaker:DescribeDomain",
        "sagemaker:DescribeUserProfile",
        "sagemaker:ListDomains",
        "sagemaker:ListUserProfiles",
    }
)

Settings = Mapping[str, Any]  # UserSettings and DefaultSpaceSettings, of which a few members count here


def observe(sagemaker: "SageMakerClient", account: str) -> tuple[ObservedDomain, ...]:
    """Return the domains of an account in the client's Region. What is deleted meanwhile is left out."""
    with translated(f"read the SageMaker domains of {account}"):
        ids = [
            domain["DomainId"]
            for page in sagemaker.get_paginator("list_domains").paginate()
            for domain in page["Domains"]
        ]
        return tuple(domain for id_ in sorted(ids) if (domain := _domain(sagemaker, account, id_)))


def _domain(sagemaker: "SageMakerClient", account: str, id_: str) -> ObservedDomain | None:
    try:
        found = sagemaker.describe_domain(DomainId=id_)
    except ClientError as error:
        if code_of(error) == "ResourceNotFound":
            return None
        raise
    default: Settings = found.get("DefaultUserSettings", {})
    spaces: Settings = found.get("DefaultSpaceSettings", {})
    profiles = dict(_profiles(sagemaker, id_))
    roles = [
        *_role(default, f"default of domain {id_}"),
        *_role(spaces, f"spaces of domain {id_}"),
        *(role for name, own in profiles.items() for role in _role(own, f"user profile {name} of domain {id_}")),
    ]
    canvas = [CanvasSetting(profile=name, direct_deployment=_direct(own)) for name, own in profiles.items()]
    by_default = CanvasSetting(profile=None, direct_deployment=_direct(default))
    return ObservedDomain(account=account, id=id_, roles=tuple(roles), canvas=(by_default, *canvas))


def _profiles(sagemaker: "SageMakerClient", domain: str) -> Iterator[tuple[str, Settings]]:
    names = [
        profile["UserProfileName"]
        for page in sagemaker.get_paginator("list_user_profiles").paginate(DomainIdEquals=domain)
        for profile in page["UserProfiles"]
    ]
    for name in sorted(names):
        try:
            found = sagemaker.describe_user_profile(DomainId=domain, UserProfileName=name)
        except ClientError as error:
            if code_of(error) == "ResourceNotFound":
                continue
            raise
        yield name, found.get("UserSettings", {})


def _role(settings: Settings, whose: str) -> list[WorkingRole]:
    arn = settings.get("ExecutionRole")
    return [WorkingRole(arn=arn, whose=whose)] if arn else []


def _direct(settings: Settings) -> str | None:
    status: str | None = settings.get("CanvasAppSettings", {}).get("DirectDeploySettings", {}).get("Status")
    return status
