"""Prod's own pipeline: it deploys a package that has opened for this account, and takes it down once that is over.

An event of Stagegate only says which package to look at. What becomes of its endpoint is decided by what this account
may read of it now. An event that is forged, old or comes twice can't deploy what isn't open, nor take down what is.
"""

from typing import Any

import boto3
from botocore.exceptions import ClientError

GONE = ("Could not find", "does not exist")


def handler(event: dict[str, Any], _context: object) -> dict[str, str]:
    """Bring the endpoint of the event's package in line with what this account may deploy."""
    package = event["detail"]["subject"]
    name = package.partition(":model-package/")[2].replace("/", "-")
    sagemaker = boto3.client("sagemaker")
    if is_open(sagemaker, package):
        deploy(sagemaker, package, name)
        return {"endpoint": name, "is": "deployed"}
    take_down(sagemaker, name)
    return {"endpoint": name, "is": "taken down"}


def is_open(sagemaker: Any, package: str) -> bool:
    """Tell whether this account may read the package, and it is approved. Raises what is no answer to that."""
    try:
        return bool(sagemaker.describe_model_package(ModelPackageName=package)["ModelApprovalStatus"] == "Approved")
    except ClientError as error:
        if error.response["Error"]["Code"].startswith("AccessDenied") or is_gone(error):
            return False
        raise


def deploy(sagemaker: Any, package: str, name: str) -> None:
    """Make the model, the configuration and the endpoint, or what is missing of them."""
    variant = {"VariantName": "all", "ModelName": name, "InitialInstanceCount": 1, "InstanceType": "ml.m5.large"}
    for make, given in (
        (sagemaker.create_model, {"ModelName": name, "PrimaryContainer": {"ModelPackageName": package}}),
        (sagemaker.create_endpoint_config, {"EndpointConfigName": name, "ProductionVariants": [variant]}),
        (sagemaker.create_endpoint, {"EndpointName": name, "EndpointConfigName": name}),
    ):
        try:
            make(**given)
        except ClientError as error:
            if "already existing" not in error.response["Error"]["Message"]:
                raise


def take_down(sagemaker: Any, name: str) -> None:
    """Delete the endpoint, the configuration and the model, or what is there of them."""
    for delete, given in (
        (sagemaker.delete_endpoint, {"EndpointName": name}),
        (sagemaker.delete_endpoint_config, {"EndpointConfigName": name}),
        (sagemaker.delete_model, {"ModelName": name}),
    ):
        try:
            delete(**given)
        except ClientError as error:
            if not is_gone(error):
                raise


def is_gone(error: ClientError) -> bool:
    """Tell whether SageMaker means that there is nothing of that name."""
    return any(words in error.response["Error"]["Message"] for words in GONE)
