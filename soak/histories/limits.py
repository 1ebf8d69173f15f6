"""What nobody may ever have, whatever is open: more than the rules give, on shares, keys, groups and repositories."""

from __future__ import annotations

from collections.abc import Collection

from soak.histories.documents import is_foreign, statements
from soak.histories.packages import Package
from soak.histories.world import DEV, KEY, World

_OURS = "stagegate-"
_OF_IMPORTS = ":role/stagegate/stagegate-import-"
"""Roles of ours that imports read weights with."""
_TO_READ = {"Decrypt", "DescribeKey"}
_TO_DEPLOY = {
    "ecr:BatchCheckLayerAvailability",
    "ecr:BatchGetImage",
    "ecr:DescribeImages",
    "ecr:DescribeRepositories",
    "ecr:GetDownloadUrlForLayer",
    "s3:GetBucketLocation",
    "s3:GetObject",
    "s3:GetObjectAcl",
    "s3:ListBucket",
}


def beyond(world: World, packages: Collection[Package]) -> str | None:
    """What somebody has beyond all that the rules could give; None for nothing."""
    return _on_shares(world) or _on_keys(world, packages) or _in_groups(packages) or _in_documents(world, packages)


def _on_shares(world: World) -> str | None:
    """A stage's share is for accounts of its own, and for none outside of the organization."""
    ram = world.admin("ram")
    for share in ram.get_resource_shares(resourceOwner="SELF")["resourceShares"]:
        name, arn = share["name"], share["resourceShareArn"]
        stage = next((each for each in world.rules.stages if name.startswith(f"{_OURS}{each.name}-")), None)
        if stage is None or share["status"] != "ACTIVE":
            continue
        if share["allowExternalPrincipals"]:
            return f"{name}: it may be given to accounts outside of the organization"
        found = ram.get_resource_share_associations(associationType="PRINCIPAL", resourceShareArns=[arn])
        strangers = {
            each["associatedEntity"]
            for each in found["resourceShareAssociations"]
            if each["status"] in ("ASSOCIATED", "ASSOCIATING")
        } - {*stage.accounts}
        if strangers:
            return f"{name}: {', '.join(sorted(strangers))} is in it, which is no account of {stage.name}"
        for permission in ram.list_resource_share_permissions(resourceShareArn=arn)["permissions"]:
            if "Export" in permission["name"]:
                return f"{name}: it gives {permission['name']}, and the rules let nobody export"
    return None


def _on_keys(world: World, packages: Collection[Package]) -> str | None:
    """A grant lets named roles read, while something that the key has encrypted is open for their stage."""
    for grant in world.admin("kms", DEV).list_grants(KeyId=KEY)["Grants"]:
        grantee, operations = grant["GranteePrincipal"], set(grant["Operations"])
        if not grant.get("Name", "").startswith(_OURS) or _OF_IMPORTS in grantee:
            continue
        stages = [each for each in world.rules.stages if grantee.split(":")[4] in each.accounts]
        named = {role for each in stages for role in each.roles}
        if grantee.rsplit("/", 1)[-1] not in named:
            return f"the artifacts' key: a grant is for {grantee}, whom no rule names"
        if not operations <= _TO_READ:
            return f"the artifacts' key: {grantee} may {', '.join(sorted(operations - _TO_READ))}"
        if packages and all(package.is_shut(each.name) for each in stages for package in packages):
            return f"the artifacts' key: {grantee} may still use it, and nothing is open for {stages[0].name}"
    return None


def _in_groups(packages: Collection[Package]) -> str | None:
    """Who registers is a role that the rules name."""
    for package in packages:
        if package.group_history.exists and package.may_register("PendingManualApproval", "Administrator"):
            return f"{package.group}: dev Administrator, whom no rule names, may register in it"
    return None


def _in_documents(world: World, packages: Collection[Package]) -> str | None:
    """What is ours in documents lets nobody do more than read, and names no artifact that is shut for an account."""
    for document, found in statements(world).items():
        for statement in (each for each in found if not is_foreign(world, document, each)):
            actions = statement["Action"]
            more = {*([actions] if isinstance(actions, str) else actions)} - _TO_DEPLOY
            if more:
                return f"{document}: {', '.join(sorted(more))} is more than reading"
            on, who = str(statement.get("Resource", "")), str(statement["Principal"])
            for package in (each for each in packages if f"/{each.artifact}" in on):
                for stage in (each for each in world.rules.stages if each.name in package.shut):
                    if any(account in who for account in stage.accounts):
                        return f"{document}: {package.artifact} is shut for {stage.name}, and a statement gives it"
    return None
