"""SageMaker's operations."""

from __future__ import annotations

from typing import ClassVar

from moto.sagemaker.models import sagemaker_backends

from sandbox.services.protocol import ServiceResponse
from sandbox.services.sagemaker import (
    cards,
    deployments,
    group_policies,
    groups,
    listings,
    package_listings,
    packages,
    tags,
)


class SageMakerResponse(ServiceResponse):
    """Model cards, model packages and their groups, models, and tags."""

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
        "AddTags": tags.add_tags,
        "DeleteTags": tags.delete_tags,
        "ListTags": tags.list_tags,
    }
