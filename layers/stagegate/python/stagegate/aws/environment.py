"""Where a function runs, from the environment that template.yaml gives it."""

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """The account and Region of the stack, and the names of what belongs to it."""

    account: str
    region: str
    prefix: str
    table: str
    settings: Path
    role_path: str = "/"
    """The path of all roles of ours, in every account: the parameter RolePath of both templates."""

    @classmethod
    def read(cls) -> "Environment":
        """Return the environment. Raises KeyError for a variable that the template didn't set."""
        return cls(
            account=os.environ["STAGEGATE_ACCOUNT"],
            region=os.environ["AWS_REGION"],
            prefix=os.environ["STAGEGATE_PREFIX"],
            table=os.environ["STAGEGATE_TABLE"],
            settings=Path(os.environ["STAGEGATE_SETTINGS"]),
            # A release that had no such parameter may still be the one that set the variables.
            role_path=os.environ.get("STAGEGATE_ROLE_PATH", "/"),
        )

    @property
    def sid_prefix(self) -> str:
        """How the Sids of this stack's statements start."""
        from stagegate.iam.statements import sid_prefix_of  # few functions write policies: the others start without

        return sid_prefix_of(self.account, self.region, self.prefix)

    @property
    def key(self) -> str:
        """The stack's own key, by its alias."""
        return f"alias/{self.prefix}"

    def member_role(self, purpose: str) -> str:
        """Return the member role for a purpose such as `share`, by its name below its path (member-template.yaml)."""
        return f"{self.role_path.removeprefix('/')}{self.prefix}-member-{purpose}"
