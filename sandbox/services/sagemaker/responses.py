"""SageMaker's operations."""

from __future__ import annotations

from typing import ClassVar

from moto.sagemaker.models import sagemaker_backends

from sandbox.kernel.wire.protocol import ServiceResponse
from sandbox.services.sagemaker import tags
from sandbox.services.sagemaker.cards import cards, listings
from sandbox.services.sagemaker.deployments import deployments, endpoints
from sandbox.services.sagemaker.hubs import contents as hub_contents
from sandbox.services.sagemaker.hubs import hubs
from sandbox.services.sagemaker.hubs import references as hub_references
from sandbox.services.sagemaker.packages import groups, packages
from sandbox.services.sagemaker.packages import listings as package_listings
from sandbox.services.sagemaker.packages import policies as group_policies
from sandbox.services.sagemaker.studio import domains, user_profiles


class SageMakerResponse(ServiceResponse):
    """Model cards, model packages and their groups, hubs, models, endpoints, Studio domains, and tags."""

    service = "sagemaker"
    backends = sagemaker_backends
    operations: ClassVar = {
        "CreateModelCard": cards.create_model_card,
        "UpdateModelCard": cards.update_model_card,
        "DescribeModelCard": cards.describe_model_card,
        "DeleteModelCard": cards.delete_model_card,
        "ListModelCards": listings.list_model_cards,
        "ListModelCardVersions": listings.list_model_card_versions,
        "CreateModelPackageGroup": groups.create_model_package_group,
        "DescribeModelPackageGroup": groups.describe_model_package_group,
        "DeleteModelPackageGroup": groups.delete_model_package_group,
        "ListModelPackageGroups": package_listings.list_model_package_groups,
        "PutModelPackageGroupPolicy": group_policies.put_model_package_group_policy,
        "GetModelPackageGroupPolicy": group_policies.get_model_package_group_policy,
        "DeleteModelPackageGroupPolicy": group_policies.delete_model_package_group_policy,
        "CreateModelPackage": packages.create_model_package,
        "UpdateModelPackage": packages.update_model_package,
        "DescribeModelPackage": packages.describe_model_package,
        "DeleteModelPackage": packages.delete_model_package,
        "ListModelPackages": package_listings.list_model_packages,
        "CreateModel": deployments.create_model,
        "DescribeModel": deployments.describe_model,
        "DeleteModel": deployments.delete_model,
        "CreateHub": hubs.create_hub,
        "DescribeHub": hubs.describe_hub,
        "UpdateHub": hubs.update_hub,
        "DeleteHub": hubs.delete_hub,
        "ListHubs": hubs.list_hubs,
        "CreateHubContentReference": hub_references.create_hub_content_reference,
        "UpdateHubContentReference": hub_references.update_hub_content_reference,
        "DeleteHubContentReference": hub_references.delete_hub_content_reference,
        "ListHubContents": hub_contents.list_hub_contents,
        "ListHubContentVersions": hub_contents.list_hub_content_versions,
        "DescribeHubContent": hub_contents.describe_hub_content,
        "ImportHubContent": hub_contents.import_hub_content,
        "DeleteHubContent": hub_contents.delete_hub_content,
        "CreateDomain": domains.create_domain,
        "DescribeDomain": domains.describe_domain,
        "UpdateDomain": domains.update_domain,
        "ListDomains": domains.list_domains,
        "CreateUserProfile": user_profiles.create_user_profile,
        "DescribeUserProfile": user_profiles.describe_user_profile,
        "UpdateUserProfile": user_profiles.update_user_profile,
        "ListUserProfiles": user_profiles.list_user_profiles,
        "CreateEndpointConfig": endpoints.create_endpoint_config,
        "DescribeEndpointConfig": endpoints.describe_endpoint_config,
        "DeleteEndpointConfig": endpoints.delete_endpoint_config,
        "CreateEndpoint": endpoints.create_endpoint,
        "DescribeEndpoint": endpoints.describe_endpoint,
        "DeleteEndpoint": endpoints.delete_endpoint,
        "AddTags": tags.add_tags,
        "DeleteTags": tags.delete_tags,
        "ListTags": tags.list_tags,
    }
