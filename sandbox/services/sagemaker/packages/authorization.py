"""What the operations on model packages and their groups need, and the policies on groups.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsagemaker.html
"""

from __future__ import annotations

from sandbox.authorization.accesses import Access, Call, Context, Row, anything, arn, needs, present
from sandbox.authorization.evaluator.errors import NotMapped
from sandbox.authorization.principal_ids import shown_form
from sandbox.kernel.arns import Fields, split
from sandbox.kernel.spelling import spellings
from sandbox.services.sagemaker.rows import created, described, kept_tags, tagged
from sandbox.services.sagemaker.store.backend import backend_for


def _group(call: Call) -> str:
    """The group's own ARN, however the caller has spelled its name; of a new one, the ARN that it will have."""
    named = str(call.get("ModelPackageGroupName"))
    written = named if named.startswith("arn:") else arn("sagemaker", call, f"model-package-group/{named}")
    fields = split(written)
    name = fields.resource.partition("/")[2] if fields else ""
    group = backend_for(fields.account, fields.region).find_group(name) if fields else None
    return group.arn if group else written.replace(f"/{name}", f"/{spellings.of_group(name)}")


def _package(call: Call) -> str:
    """A package is named by its ARN, or in its own account by `group/version`."""
    named = str(call.get("ModelPackageArn") or call.get("ModelPackageName"))
    written = named if named.startswith("arn:") else arn("sagemaker", call, f"model-package/{named}")
    fields = split(written)
    name, _, version = fields.resource.partition("/")[2].partition("/") if fields else ("", "", "")
    group = backend_for(fields.account, fields.region).find_group(name) if fields else None
    return f"{group.versions}/{version}" if group else written


def _packages_of(group: str) -> str:
    fields = split(group)
    found = backend_for(fields.account, fields.region).find_group(fields.resource.partition("/")[2]) if fields else None
    return found.versions if found else group.replace(":model-package-group/", ":model-package/", 1)


def _package_keys(call: Call) -> Context:
    """What the request asks for; a key that it doesn't carry is absent, even where SageMaker has a default."""
    life_cycle, added = call.get("ModelLifeCycle") or {}, call.get("CustomerMetadataProperties") or {}
    return present(
        sagemaker__ModelApprovalStatus=call.get("ModelApprovalStatus"),
        sagemaker__ModelLifeCycle__stage=life_cycle.get("Stage"),
        sagemaker__ModelLifeCycle__stageStatus=life_cycle.get("StageStatus"),
        sagemaker__CustomerMetadataPropertiesToRemove=call.get("CustomerMetadataPropertiesToRemove") or None,
    ) | {f"sagemaker:CustomerMetadataProperties/{key}": (value,) for key, value in added.items()}


def _create_package(call: Call) -> list[Access]:
    """On the version that it will be: AWS's policy for a registering account names `model-package/<group>/*`.

    https://docs.aws.amazon.com/sagemaker/latest/dg/model-registry-version.html
    """
    if not call.get("ModelPackageGroupName"):
        raise NotMapped("sagemaker CreateModelPackage without ModelPackageGroupName is not supported")
    fields = split(_group(call))
    named = fields.resource.partition("/")[2] if fields else ""
    number = _next_version(named, fields.account, fields.region) if fields else 1
    resource = f"{_packages_of(_group(call))}/{number}"
    return [Access("sagemaker:CreateModelPackage", resource, _package_keys(call) | kept_tags(resource))]


def _update_package(call: Call) -> list[Access]:
    return [Access("sagemaker:UpdateModelPackage", _package(call), _package_keys(call) | kept_tags(_package(call)))]


def _list_packages(call: Call) -> list[Access]:
    """On the group and on its versions: which of the two AWS looks at is not documented, its samples name both.

    https://docs.aws.amazon.com/sagemaker/latest/dg/model-registry-ram.html
    """
    if not call.get("ModelPackageGroupName"):
        return [Access("sagemaker:ListModelPackages", "*")]
    group = _group(call)
    return [
        Access("sagemaker:ListModelPackages", each, kept_tags(group)) for each in (group, f"{_packages_of(group)}/*")
    ]


def _next_version(group: str, account: str, region: str) -> int:
    """The version that the next model package of a group will have."""
    found = backend_for(account, region).find_group(group)
    return found.last_version + 1 if found else 1


def policy(at: Fields) -> str | None:
    """The policy of a group, which speaks of the group and of its versions."""
    kind, _, named = at.resource.partition("/")
    if kind not in ("model-package-group", "model-package"):
        return None
    group = backend_for(at.account, at.region).find_group(named.partition("/")[0])
    return shown_form(group.policy) if group and group.policy else None


ROWS: dict[str, Row] = {
    "CreateModelPackage": _create_package,
    "CreateModelPackageGroup": created(_group),
    "DeleteModelPackage": tagged(_package),
    "DeleteModelPackageGroup": tagged(_group),
    "DeleteModelPackageGroupPolicy": tagged(_group),
    "DescribeModelPackage": described(_package),
    "DescribeModelPackageGroup": tagged(_group),
    "GetModelPackageGroupPolicy": tagged(_group),
    "ListModelPackageGroups": needs("sagemaker:ListModelPackageGroups", anything),
    "ListModelPackages": _list_packages,
    "PutModelPackageGroupPolicy": tagged(_group),
    "UpdateModelPackage": _update_package,
}
