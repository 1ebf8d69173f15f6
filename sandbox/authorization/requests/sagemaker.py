"""SageMaker: what its operations need.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsagemaker.html
"""

from __future__ import annotations

from sandbox.authorization import stored
from sandbox.authorization.evaluator.errors import NotMapped
from sandbox.authorization.requests import sagemaker_hubs, studio
from sandbox.authorization.requests.mapping import (
    Access,
    Call,
    Context,
    Resource,
    Row,
    arn,
    needs,
    parameter,
    present,
)
from sandbox.authorization.requests.sagemaker_tags import kept as _tags
from sandbox.authorization.requests.sagemaker_tags import requested as _pairs


def _card(call: Call) -> str:
    named = str(call.get("ModelCardName"))
    return named if named.startswith("arn:") else arn("sagemaker", call, f"model-card/{named}")


def _tagged(resource: Resource) -> Row:
    """A row for an existing resource, with its tags as context."""

    def row(call: Call) -> list[Access]:
        return [Access(f"sagemaker:{call.operation}", resource(call), _tags(resource(call)))]

    return row


def _described(resource: Resource) -> Row:
    """A row for a description, which leaves out what is encrypted when it is told to."""

    def row(call: Call) -> list[Access]:
        everything = call.get("IncludedData") != "MetadataOnly"
        context = _tags(resource(call))
        return [Access(f"sagemaker:{call.operation}", resource(call), context, encrypted=everything)]

    return row


def _create_card(call: Call) -> list[Access]:
    key = (call.get("SecurityConfig") or {}).get("KmsKeyId", "")
    accesses = [Access("sagemaker:CreateModelCard", _card(call), _pairs(call), key=key)]
    if call.get("Tags"):  # the action's dependent action, says the reference
        accesses.append(Access("sagemaker:AddTags", _card(call), _pairs(call)))
    return accesses


def _add_tags(call: Call) -> list[Access]:
    resource = str(call.get("ResourceArn"))
    return [Access("sagemaker:AddTags", resource, _pairs(call) | _tags(resource))]


def _delete_tags(call: Call) -> list[Access]:
    resource = str(call.get("ResourceArn"))
    return [Access("sagemaker:DeleteTags", resource, present(aws__TagKeys=call.get("TagKeys")) | _tags(resource))]


def _group(call: Call) -> str:
    named = str(call.get("ModelPackageGroupName"))
    return named if named.startswith("arn:") else arn("sagemaker", call, f"model-package-group/{named}")


def _package(call: Call) -> str:
    """A package is named by its ARN, or in its own account by `group/version`."""
    named = str(call.get("ModelPackageArn") or call.get("ModelPackageName"))
    return named if named.startswith("arn:") else arn("sagemaker", call, f"model-package/{named}")


def _packages_of(group: str) -> str:
    return group.replace(":model-package-group/", ":model-package/", 1)


def _package_keys(call: Call) -> Context:
    """What the request asks for; a key that it doesn't carry is absent, even where SageMaker has a default."""
    life_cycle, added = call.get("ModelLifeCycle") or {}, call.get("CustomerMetadataProperties") or {}
    return present(
        sagemaker__ModelApprovalStatus=call.get("ModelApprovalStatus"),
        sagemaker__ModelLifeCycle__stage=life_cycle.get("Stage"),
        sagemaker__ModelLifeCycle__stageStatus=life_cycle.get("StageStatus"),
        sagemaker__CustomerMetadataPropertiesToRemove=call.get("CustomerMetadataPropertiesToRemove") or None,
    ) | {f"sagemaker:CustomerMetadataProperties/{key}": (value,) for key, value in added.items()}


def _create_group(call: Call) -> list[Access]:
    accesses = [Access("sagemaker:CreateModelPackageGroup", _group(call), _pairs(call))]
    if call.get("Tags"):
        accesses.append(Access("sagemaker:AddTags", _group(call), _pairs(call)))
    return accesses


def _create_package(call: Call) -> list[Access]:
    """On the version that it will be: AWS's policy for a registering account names `model-package/<group>/*`.

    https://docs.aws.amazon.com/sagemaker/latest/dg/model-registry-version.html
    """
    if not call.get("ModelPackageGroupName"):
        raise NotMapped("sagemaker CreateModelPackage without ModelPackageGroupName is not supported")
    fields = stored.split(_group(call))
    named = fields.resource.partition("/")[2] if fields else ""
    number = stored.next_package_version(named, fields.account, fields.region) if fields else 1
    resource = f"{_packages_of(_group(call))}/{number}"
    return [Access("sagemaker:CreateModelPackage", resource, _package_keys(call) | _tags(resource))]


def _update_package(call: Call) -> list[Access]:
    return [Access("sagemaker:UpdateModelPackage", _package(call), _package_keys(call) | _tags(_package(call)))]


def _list_packages(call: Call) -> list[Access]:
    """On the group and on its versions: which of the two AWS looks at is not documented, its samples name both.

    https://docs.aws.amazon.com/sagemaker/latest/dg/model-registry-ram.html
    """
    if not call.get("ModelPackageGroupName"):
        return [Access("sagemaker:ListModelPackages", "*")]
    group = _group(call)
    return [Access("sagemaker:ListModelPackages", each, _tags(group)) for each in (group, f"{_packages_of(group)}/*")]


def _create_model(call: Call) -> list[Access]:
    """The model, the role passed to it, each hub content, and each package of another account by its policy.

    https://docs.aws.amazon.com/sagemaker/latest/dg/model-registry-deploy.html: sagemaker:CreateModel on the package.
    """
    model, role = arn("sagemaker", call, f"model/{call.get('ModelName')}"), call.get("ExecutionRoleArn")
    accesses = [Access("sagemaker:CreateModel", model, _pairs(call))]
    if call.get("Tags"):
        accesses.append(Access("sagemaker:AddTags", model, _pairs(call)))
    if role:
        accesses.append(Access("iam:PassRole", role, present(iam__PassedToService="sagemaker.amazonaws.com")))
    for container in [call.get("PrimaryContainer") or {}, *(call.get("Containers") or [])]:
        fields = stored.split(container.get("ModelPackageName") or "")
        if fields is not None and fields.account != call.account:
            package = container["ModelPackageName"]
            accesses.append(Access("sagemaker:CreateModel", package, _tags(package)))
    for content in sagemaker_hubs.deployed_contents(call):
        accesses += sagemaker_hubs.deploy(content)
    return accesses


def _model(call: Call) -> str:
    return arn("sagemaker", call, f"model/{call.get('ModelName')}")


ROWS: dict[str, Row] = {
    **sagemaker_hubs.ROWS,
    **studio.ROWS,
    "AddTags": _add_tags,
    "CreateModel": _create_model,
    "CreateModelCard": _create_card,
    "CreateModelCardExportJob": _tagged(_card),
    "CreateModelPackage": _create_package,
    "CreateModelPackageGroup": _create_group,
    "DeleteModel": needs("sagemaker:DeleteModel", _model),
    "DeleteModelCard": _tagged(_card),
    "DeleteModelPackage": _tagged(_package),
    "DeleteModelPackageGroup": _tagged(_group),
    "DeleteModelPackageGroupPolicy": _tagged(_group),
    "DeleteTags": _delete_tags,
    "DescribeModel": needs("sagemaker:DescribeModel", _model),
    "DescribeModelCard": _described(_card),
    "DescribeModelCardExportJob": needs("sagemaker:DescribeModelCardExportJob", parameter("ModelCardExportJobArn")),
    "DescribeModelPackage": _described(_package),
    "DescribeModelPackageGroup": _tagged(_group),
    "GetModelPackageGroupPolicy": _tagged(_group),
    "ListModelCardExportJobs": _tagged(_card),
    "ListModelCardVersions": _tagged(_card),
    "ListModelCards": needs("sagemaker:ListModelCards", lambda _: "*"),
    "ListModelPackageGroups": needs("sagemaker:ListModelPackageGroups", lambda _: "*"),
    "ListModelPackages": _list_packages,
    "ListTags": _tagged(parameter("ResourceArn")),
    "PutModelPackageGroupPolicy": _tagged(_group),
    "UpdateModelCard": _tagged(_card),
    "UpdateModelPackage": _update_package,
}
