"""The surface of Canvas's settings: whether a domain, or a user profile, lets people deploy models directly.

An update replaces the whole of `CanvasAppSettings`; so it is read, changed in this one place, and written back at once.
"""

from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from stagegate.aws.errors import code_of, translated
from stagegate.core.errors import NotSettledError

if TYPE_CHECKING:
    from mypy_boto3_sagemaker import SageMakerClient

PERMISSIONS = frozenset(
    {
        "sagemaker:DescribeDomain",
        "sagemaker:DescribeUserProfile",
        "sagemaker:UpdateDomain",
        "sagemaker:UpdateUserProfile",
    }
)

Settings = dict[str, Any]  # UserSettings, of which one member counts here


def set_direct_deployment(sagemaker: "SageMakerClient", domain: str, profile: str | None, status: str) -> None:
    """Make `status` (ENABLED or DISABLED) the setting of a domain, or of one of its profiles.

    Doing it again changes nothing. What was deleted meanwhile has no setting. Raises NotSettledError while SageMaker is
    still at work on it.
    """
    with translated(f"set Canvas's direct deployment in domain {domain}"):
        try:
            canvas = _read(sagemaker, domain, profile)
            if canvas.get("DirectDeploySettings", {}).get("Status") != status:
                _write(sagemaker, domain, profile, {**canvas, "DirectDeploySettings": {"Status": status}})
        except ClientError as error:
            if code_of(error) == "ResourceInUse":
                raise NotSettledError(f"domain {domain}: SageMaker is still changing it") from error
            if code_of(error) != "ResourceNotFound":
                raise


def _read(sagemaker: "SageMakerClient", domain: str, profile: str | None) -> Settings:
    settings: Any
    if profile is None:
        settings = sagemaker.describe_domain(DomainId=domain).get("DefaultUserSettings", {})
    else:
        found = sagemaker.describe_user_profile(DomainId=domain, UserProfileName=profile)
        settings = found.get("UserSettings", {})
    canvas: Settings = settings.get("CanvasAppSettings", {})
    return canvas


def _write(sagemaker: "SageMakerClient", domain: str, profile: str | None, canvas: Settings) -> None:
    settings: Any = {"CanvasAppSettings": canvas}
    if profile is None:
        sagemaker.update_domain(DomainId=domain, DefaultUserSettings=settings)
    else:
        sagemaker.update_user_profile(DomainId=domain, UserProfileName=profile, UserSettings=settings)
