"""Switching Canvas's direct deployment: one member of settings that are written back whole."""

from typing import Any

import pytest

from stagegate.core.errors import NotSettledError, RefusedError
from stagegate.surfaces.guardrails.write_canvas import set_direct_deployment
from tests.support.scripted import Scripted, refusal

WORKSPACE = {"WorkspaceSettings": {"S3ArtifactPath": "s3://canvas/"}}
ROLE = "arn:aws:iam::222233334444:role/Canvas"


def settings(status: str | None) -> dict[str, Any]:
    canvas = WORKSPACE | ({"DirectDeploySettings": {"Status": status}} if status else {})
    return {"ExecutionRole": ROLE, "CanvasAppSettings": canvas}


@pytest.mark.parametrize("before", ["ENABLED", None])
def test_a_domain_keeps_its_other_settings(before: str | None) -> None:
    sagemaker = Scripted("sagemaker", DescribeDomain={"DefaultUserSettings": settings(before)}, UpdateDomain={})
    set_direct_deployment(sagemaker.client, "d-1", None, "DISABLED")
    canvas = settings("DISABLED")["CanvasAppSettings"]
    assert sagemaker.of("UpdateDomain") == [{"DomainId": "d-1", "DefaultUserSettings": {"CanvasAppSettings": canvas}}]


def test_a_profile_has_its_own() -> None:
    sagemaker = Scripted("sagemaker", DescribeUserProfile={"UserSettings": settings("ENABLED")}, UpdateUserProfile={})
    set_direct_deployment(sagemaker.client, "d-1", "analyst", "DISABLED")
    canvas = settings("DISABLED")["CanvasAppSettings"]
    assert sagemaker.of("UpdateUserProfile") == [
        {"DomainId": "d-1", "UserProfileName": "analyst", "UserSettings": {"CanvasAppSettings": canvas}}
    ]


def test_a_second_time_changes_nothing() -> None:
    sagemaker = Scripted("sagemaker", DescribeDomain={"DefaultUserSettings": settings("DISABLED")})
    set_direct_deployment(sagemaker.client, "d-1", None, "DISABLED")
    assert sagemaker.operations == ["DescribeDomain"]


def test_what_is_gone_has_no_setting() -> None:
    sagemaker = Scripted("sagemaker", DescribeUserProfile=refusal("ResourceNotFound"))
    set_direct_deployment(sagemaker.client, "d-1", "analyst", "DISABLED")


@pytest.mark.parametrize(("code", "error"), [("ResourceInUse", NotSettledError), ("AccessDenied", RefusedError)])
def test_what_is_refused_says_whether_trying_again_can_help(code: str, error: type[Exception]) -> None:
    sagemaker = Scripted("sagemaker", DescribeDomain={}, UpdateDomain=refusal(code))
    with pytest.raises(error, match="d-1"):
        set_direct_deployment(sagemaker.client, "d-1", None, "ENABLED")
