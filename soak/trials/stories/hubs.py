"""A private hub: when it is made, and when AWS publishes and withdraws models."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError

from sandbox.kernel.identity import session
from sandbox.kernel.place import REGION
from sandbox.kernel.wire.transport import client
from sandbox.services.sagemaker.hubs.catalogue import Entry
from sandbox.stagegate.members import GOVERNANCE
from soak.histories.world import DEV, PROD, TEST
from soak.trials.stories.story import GOVERNED, Story

NAME = "allowed-models"
_PUBLISHED = (
    Entry(id="meta-llm-small", version="1.0.0", framework="meta"),
    Entry(id="meta-llm-large", version="2.0.0", framework="meta"),
    Entry(id="hf-llm-other", version="1.0.0", framework="huggingface"),
)


class _OfAHub(Story):
    rules = GOVERNED
    holds = frozenset({"meta-llm-small", "meta-llm-large"})
    """What has to be in it after the step."""

    @property
    def subject(self) -> str:
        return f"arn:aws:sagemaker:{REGION}:{GOVERNANCE}:hub/{NAME}"

    def prepare(self) -> None:
        self.world.organization.public_hub.refill(_PUBLISHED)
        self.rest_a_while()

    def act(self) -> None:
        """A person starts a run."""
        self.world.start("GovernStateMachine", {"subject": self.subject})

    def wrong(self) -> str | None:
        for account, must in ((DEV, self.holds), (PROD, self.holds), (TEST, None)):
            if (found := self._seen(account)) != must:
                return f"{NAME} in {account}: found {_said(found)}, must be {_said(must)}"
        return self.what_is_wrong_of_all()

    def _seen(self, account: str) -> frozenset[str] | None:
        """What an administrator of an account finds in it by calls of their own; None where they may not look."""
        sagemaker = client("sagemaker", account, session(f"arn:aws:iam::{account}:role/Administrator", "consumer"))
        request: dict[str, Any] = {"HubName": self.subject, "HubContentType": "ModelReference"}
        try:
            found = sagemaker.list_hub_contents(**request)["HubContentSummaries"]
        except ClientError as error:
            if error.response["Error"]["Code"] in ("AccessDeniedException", "ResourceNotFound"):
                return None
            raise
        return frozenset(each["HubContentName"] for each in found if each["HubContentStatus"] != "Deleting")


def _said(names: frozenset[str] | None) -> str:
    return "no hub" if names is None else ", ".join(sorted(names)) or "nothing"


class FirstSync(_OfAHub):
    """There is none yet."""

    name = "hub's first sync"


class Sync(_OfAHub):
    """AWS has published a model and withdrawn another one."""

    name = "hub sync"
    holds = frozenset({"meta-llm-large", "meta-llm-new"})

    def prepare(self) -> None:
        """The hub as it was, and the public hub as it is."""
        super().prepare()
        super().act()
        self.rest_a_while()
        self.world.organization.public_hub.publish(Entry(id="meta-llm-new", version="1.0.0", framework="meta"))
        self.world.organization.public_hub.remove("meta-llm-small")


STORIES = (FirstSync, Sync)
