"""The account that hosts models: what an import makes there, who invokes the model, and roles that look like ours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from demo.imports.environment import document
from demo.imports.rules import CONSUMER
from sandbox.kernel.place import PARTITION
from sandbox.stagegate.members import GOVERNANCE, HOSTING

if TYPE_CHECKING:
    from sandbox.stagegate.organization import Organization

PATH = "/stagegate/"
_OURS = "-import-"
_COPY = "-copy"


@dataclass(frozen=True, slots=True)
class Host:
    """The hosting account."""

    organization: Organization

    def let_the_consumer_invoke(self) -> None:
        """The account's own administrator lets the consumer invoke what is imported; which models, nobody says."""
        statement = {"Effect": "Allow", "Action": "bedrock:InvokeModel", "Resource": "*"}
        self._iam(HOSTING).put_role_policy(RoleName=CONSUMER, PolicyName="invoke", PolicyDocument=document(statement))

    def roles(self) -> list[str]:
        """The names of the roles that imports read weights with."""
        return [name for name in self._named(HOSTING) if not name.endswith(_COPY)]

    def models(self) -> dict[str, str]:
        """The ARN of each imported model, by its name."""
        found = self.organization.admin("bedrock", HOSTING).list_imported_models()["modelSummaries"]
        return {model["modelName"]: model["modelArn"] for model in found}

    def make_lookalikes(self) -> None:
        """Somebody makes two roles that are called as the import's: almost, beside it, and exactly, in another account.
        Their own accounts let them at all buckets and keys.
        """
        (name,) = self.roles()
        for account, called in ((HOSTING, f"{name}{_COPY}"), (GOVERNANCE, name)):
            own = {
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:{PARTITION}:iam::{account}:root"},
                "Action": "sts:AssumeRole",
            }
            everything = {"Effect": "Allow", "Action": ["s3:*", "kms:*"], "Resource": "*"}
            iam = self._iam(account)
            iam.create_role(RoleName=called, Path=PATH, AssumeRolePolicyDocument=document(own))
            iam.put_role_policy(RoleName=called, PolicyName="everything", PolicyDocument=document(everything))

    def lookalikes(self, account: str) -> list[str]:
        """The names of those in an account."""
        return [name for name in self._named(account) if account != HOSTING or name.endswith(_COPY)]

    def _named(self, account: str) -> list[str]:
        found = self._iam(account).list_roles(PathPrefix=PATH)["Roles"]
        return [str(role["RoleName"]) for role in found if _OURS in role["RoleName"]]

    def _iam(self, account: str) -> Any:
        return self.organization.admin("iam", account)
