"""An account where one role has what `make consumer-policy` prints for its stage, and nothing else."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sandbox.kernel.delays import Delays
from tests.integration.cards.sealed import REVIEWED, Sealed
from tests.integration.hubs.hub_environment import HUB, MODELS, HubEnvironment
from tests.support.printed import printed
from tests.support.registering import is_let_in
from tests.support.registry import BUCKET, DATA, GROUP, LAYER, REPOSITORY, Registry, image, registry, works
from tests.support.shipped import by_approval_alone

ROLE, STAGE, SEEN = "Fresh", "prod", "seen-models"
MODEL = "meta-llm-small"
CACHE = "jumpstart-cache-prod-us-east-1"
RULES = f"""
[[hubs]]
name = "{HUB}"
description = "To deploy from"
allow = [{{ ids = ["{MODEL}"] }}]
shares = [{{ stage = "{STAGE}", access = "use" }}]

[[hubs]]
name = "{SEEN}"
description = "To look into"
allow = [{{ ids = ["{MODEL}"] }}]
shares = [{{ stage = "{STAGE}", access = "read" }}]

[[registrations]]
stage = "{STAGE}"
groups = ["fraud*"]
roles = ["{ROLE}"]
"""
ANYBODY = frozenset({"sign in to a registry", "read the public bucket"})
"""What takes nobody else's word."""
REGISTERS = frozenset({"describe its own group", "register"})


@dataclass
class ConsumerEnvironment:
    """The organization, one package and one card in it, both under keys, and whoever is let at them."""

    registry: Registry
    hubs: HubEnvironment
    card: Sealed
    policy: dict[str, Any]
    own_group: str

    def has(self, statements: list[dict[str, Any]]) -> None:
        """Give the role these statements instead of those it has."""
        self.registry.admin("iam", STAGE).put_role_policy(
            RoleName=ROLE, PolicyName="own", PolicyDocument=json.dumps({**self.policy, "Statement": statements})
        )

    def may(self) -> frozenset[str]:
        """What the role can do, found out by doing it."""
        return frozenset(name for name, attempt in self._attempts().items() if works(attempt))

    def _attempts(self) -> dict[str, Any]:
        organization, registry = self.registry.organization, self.registry
        sagemaker, s3, kms, ecr = (
            organization.client(service, STAGE, ROLE) for service in ("sagemaker", "s3", "kms", "ecr")
        )
        repository = {"registryId": organization.accounts["governance"], "repositoryName": REPOSITORY}
        group, card = {"ModelPackageGroupName": registry.group}, {"ModelCardName": self.card.arn}
        own = {"ModelPackageGroupName": self.own_group}
        seen, used = (registry.group.replace(f"model-package-group/{GROUP}", f"hub/{name}") for name in (SEEN, HUB))
        return {
            "see the card": lambda: sagemaker.describe_model_card(**card, IncludedData="MetadataOnly"),
            "read the card": lambda: sagemaker.describe_model_card(**card),
            "describe the group": lambda: sagemaker.describe_model_package_group(**group),
            "list the packages": lambda: sagemaker.list_model_packages(**group),
            "see the package": lambda: sagemaker.describe_model_package(
                ModelPackageName=registry.package, IncludedData="MetadataOnly"
            ),
            "read the package": lambda: sagemaker.describe_model_package(ModelPackageName=registry.package),
            "deploy the package": lambda: self._makes({"ModelPackageName": registry.package}),
            "get the data": lambda: s3.get_object(Bucket=BUCKET, Key=DATA),
            "list the data": lambda: s3.list_objects_v2(Bucket=BUCKET, Prefix=DATA),
            "see the key": lambda: kms.describe_key(KeyId=registry.key),
            "decrypt by itself": lambda: kms.decrypt(KeyId=registry.key, CiphertextBlob=registry.ciphertext),
            "pull the image": lambda: ecr.batch_get_image(**repository, imageIds=[{"imageTag": "v1"}]),
            "pull a layer": lambda: ecr.get_download_url_for_layer(**repository, layerDigest=LAYER),
            "sign in to a registry": ecr.get_authorization_token,
            "look into one hub": lambda: sagemaker.list_hub_contents(HubName=seen, HubContentType="ModelReference"),
            "look into the other hub": lambda: sagemaker.list_hub_contents(
                HubName=used, HubContentType="ModelReference"
            ),
            "deploy from one hub": lambda: self._makes(self._from_hub(seen)),
            "deploy from the other hub": lambda: self._makes(self._from_hub(used)),
            "read the public bucket": lambda: s3.get_object(Bucket=CACHE, Key="models_manifest.json"),
            "describe its own group": lambda: sagemaker.describe_model_package_group(**own),
            "register": lambda: self._registers("PendingManualApproval"),
            "register as approved": lambda: self._registers("Approved"),
            "approve": lambda: sagemaker.update_model_package(
                ModelPackageArn=registry.package, ModelApprovalStatus="Approved"
            ),
            "write the card": lambda: sagemaker.update_model_card(**card, ModelCardStatus="Draft"),
        }

    def _makes(self, container: dict[str, Any]) -> None:
        """Make a model with the stage's role, which is gone again afterwards."""
        organization = self.registry.organization
        organization.client("sagemaker", STAGE, ROLE).create_model(
            ModelName="made", PrimaryContainer=container, ExecutionRoleArn=organization.profiles[STAGE].arn
        )
        organization.admin("sagemaker", STAGE).delete_model(ModelName="made")

    def _from_hub(self, hub: str) -> dict[str, Any]:
        content = f"{hub.replace(':hub/', ':hub-content/')}/ModelReference/{MODEL}"
        source = {
            "S3Uri": self.hubs.artifacts(MODEL),
            "S3DataType": "S3Prefix",
            "CompressionType": "None",
            "HubAccessConfig": {"HubContentArn": content},
        }
        serving = "763104351884.dkr.ecr.us-east-1.amazonaws.com/x:1"
        return {"Image": serving, "ModelDataSource": {"S3DataSource": source}}

    def _registers(self, status: str) -> None:
        sagemaker = self.registry.organization.client("sagemaker", STAGE, ROLE)
        version = {"ModelPackageGroupName": self.own_group, "ModelApprovalStatus": status}
        is_let_in(sagemaker, {**version, "CertifyForMarketplace": True})


@contextmanager
def consumer_environment(folder: Path, delays: Delays) -> Iterator[ConsumerEnvironment]:
    """By the shipped rules, with hubs, a key and registrations; packages open to whomever the account itself lets:
    where a role is named, a grant on a key is enough without a policy of its own.
    """
    to_accounts = by_approval_alone().replace('principals = "roles"', 'principals = "account"', 1)
    with registry(folder, delays, RULES, rules=to_accounts) as environment:
        organization, settings = environment.organization, folder / "governance.toml"
        organization.public_hub.refill(MODELS)
        key = organization.admin("kms", "governance").create_key()["KeyMetadata"]["Arn"]
        owner = organization.client("sagemaker", "governance")
        environment.package = _sealed_version(environment, key)
        trust = {"Effect": "Allow", "Principal": {"AWS": organization.accounts[STAGE]}, "Action": "sts:AssumeRole"}
        environment.admin("iam", STAGE).create_role(
            RoleName=ROLE, AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]})
        )
        own_group = owner.create_model_package_group(ModelPackageGroupName="fraud")["ModelPackageGroupArn"]
        card = Sealed(organization, "churn", key).created()
        policy = printed(settings, STAGE, organization.accounts["governance"])
        found = ConsumerEnvironment(
            environment, HubEnvironment(organization, folder, settings), card, policy, own_group
        )
        found.has(policy["Statement"])
        yield found


def _sealed_version(environment: Registry, key: str) -> str:
    """A version with a card of its own, under a key that no rule names."""
    card = json.dumps({"intended_uses": REVIEWED["intended_uses"]})
    made = environment.organization.client("sagemaker", "governance").create_model_package(
        ModelPackageGroupName=GROUP,
        ModelApprovalStatus="PendingManualApproval",
        SecurityConfig={"KmsKeyId": key},
        ModelCard={"ModelCardContent": card, "ModelCardStatus": "Draft"},
        InferenceSpecification={
            "Containers": [{"Image": image(environment.organization), "ModelDataUrl": f"s3://{BUCKET}/{DATA}"}],
            "SupportedContentTypes": ["text/csv"],
            "SupportedResponseMIMETypes": ["text/csv"],
        },
    )
    return str(made["ModelPackageArn"])
