"""The user profiles of Studio domains. What a profile's settings don't say, the domain's default settings say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.kernel.clock import clock
from sandbox.kernel.delays import delays
from sandbox.kernel.place import PARTITION
from sandbox.kernel.wire.errors import NotInSandboxError, aws_error
from sandbox.kernel.wire.protocol import Json
from sandbox.services.sagemaker.pages import paged
from sandbox.services.sagemaker.recording import recorded, utc
from sandbox.services.sagemaker.store.backend import SageMakerBackend
from sandbox.services.sagemaker.store.domain import UserProfile
from sandbox.services.sagemaker.studio.domains import domain_of, require_in_service


def create_user_profile(backend: SageMakerBackend, request: Mapping[str, Any]) -> Json:
    """CreateUserProfile: Pending for `delays.studio`, then InService; ResourceInUse if the name is taken."""
    with recorded(backend, "CreateUserProfile", request) as record:
        if unsupported := sorted(set(request) - {"DomainId", "UserProfileName", "UserSettings", "Tags"}):
            raise NotInSandboxError(f"CreateUserProfile with {', '.join(unsupported)}")
        domain, name, now = domain_of(backend, request["DomainId"]), request["UserProfileName"], clock.now()
        if name in domain.profiles:
            raise aws_error("ResourceInUse", f"User profile {name} of {domain.id} already exists.")
        where = f"{backend.region_name}:{backend.account_id}"
        profile = domain.profiles[name] = UserProfile(
            arn=f"arn:{PARTITION}:sagemaker:{where}:user-profile/{domain.id}/{name}",
            name=name,
            domain=domain.id,
            created_at=now,
            modified_at=now,
            settles_at=clock.mark(now + delays.studio),
            settings=dict(request.get("UserSettings", {})),
            tags={tag["Key"]: tag["Value"] for tag in request.get("Tags", [])},
        )
        record.response = {"UserProfileArn": profile.arn}
    return record.response


def describe_user_profile(backend: SageMakerBackend, request: Mapping[str, Any]) -> Json:
    """DescribeUserProfile: with its own settings alone, without those of the domain."""
    profile = _profile(backend, request)
    return _summary(profile) | {"UserProfileArn": profile.arn, "UserSettings": profile.settings}


def update_user_profile(backend: SageMakerBackend, request: Mapping[str, Any]) -> Json:
    """UpdateUserProfile: ResourceInUse while it is not InService; settings merge as those of domains."""
    with recorded(backend, "UpdateUserProfile", request) as record:
        profile, now = _profile(backend, request), clock.now()
        require_in_service(profile.arn, profile.status(now))
        profile.settings = profile.settings | request.get("UserSettings", {})
        profile.modified_at, profile.settles_at = now, clock.mark(now + delays.studio)
        record.response = {"UserProfileArn": profile.arn}
    return record.response


def list_user_profiles(backend: SageMakerBackend, request: Mapping[str, Any]) -> Json:
    """ListUserProfiles: of all domains of the account, or of one, oldest first unless told."""
    wanted, contains = request.get("DomainIdEquals"), request.get("UserProfileNameContains", "")
    found = [
        profile
        for domain in backend.domains.values()
        if wanted in (None, domain.id)
        for profile in domain.profiles.values()
        if contains in profile.name
    ]
    by_change = request.get("SortBy") == "LastModifiedTime"
    found.sort(
        key=lambda profile: profile.modified_at if by_change else profile.created_at,
        reverse=request.get("SortOrder") == "Descending",
    )
    shown, token = paged(found, request)
    return {"UserProfiles": [_summary(profile) for profile in shown], "NextToken": token}


def _profile(backend: SageMakerBackend, request: Mapping[str, Any]) -> UserProfile:
    domain, name = domain_of(backend, request["DomainId"]), request["UserProfileName"]
    if name not in domain.profiles:
        raise aws_error("ResourceNotFound", f"User profile {name} of {domain.id} does not exist.")
    return domain.profiles[name]


def _summary(profile: UserProfile) -> Json:
    return {
        "DomainId": profile.domain,
        "UserProfileName": profile.name,
        "Status": profile.status(clock.now()),
        "CreationTime": utc(profile.created_at),
        "LastModifiedTime": utc(profile.modified_at),
    }
