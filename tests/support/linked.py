"""Cards that packages follow, and people who write and approve them."""

import json
from typing import Any

from demo.content import customer_churn
from sandbox.stagegate.organization import Organization

_PLACES = (("model_package_details", "model_package_arn"), ("model_overview", "model_id"))


class Cards:
    """The cards of the governance account. `name` is that of the group, which a card has unless told otherwise."""

    def __init__(self, organization: Organization, name: str) -> None:
        self.organization, self.name = organization, name

    def makes(self, name: str = "", *packages: str) -> None:
        self._later()
        content = self._content(*packages)
        self._sagemaker("governance").create_model_card(
            ModelCardName=name or self.name, Content=content, ModelCardStatus="Draft"
        )
        assert self.organization.settle()

    def edits(self, name: str, *packages: str, says: str = "") -> None:
        self._later()
        self._sagemaker("governance").update_model_card(
            ModelCardName=name or self.name, Content=self._content(*packages, says=says)
        )
        assert self.organization.settle()

    def sets(self, status: str, name: str = "", who: str = "approver") -> None:
        self._later()
        self._sagemaker(who).update_model_card(ModelCardName=name or self.name, ModelCardStatus=status)
        assert self.organization.settle()

    def is_approved(self, name: str = "") -> None:
        """An approver is asked, and approves it."""
        self.sets("PendingReview", name, who="governance")
        self.sets("Approved", name)

    def deletes(self, name: str = "") -> None:
        self._sagemaker("governance").delete_model_card(ModelCardName=name or self.name)
        assert self.organization.settle()

    def _later(self) -> None:
        """So much that nobody takes this change for the last one."""
        self.organization.clock.advance(400)

    def _content(self, *packages: str, says: str = "") -> str:
        content = customer_churn()
        for package, (section, key) in zip(packages, _PLACES, strict=False):
            content.setdefault(section, {})[key] = package
        if says:
            content["model_overview"]["model_description"] = says
        return json.dumps(content)

    def _sagemaker(self, profile: str) -> Any:
        return self.organization.client("sagemaker", profile)
