"""One model card: what people do to it, which is written down, and who is let at it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from sandbox.kernel.delays import delays
from sandbox.kernel.place import REGION
from sandbox.stagegate.members import GOVERNANCE
from soak.histories.events import SubjectEvents, Unrecorded
from soak.histories.world import PEOPLE, World, is_let
from soak.oracle.facts import Change, Deleted, History, Key, Set, Wrote
from soak.oracle.verdict import Known


@dataclass(slots=True)
class Card:
    """A card and its history. `versions` says which content each version of it has."""

    world: World
    name: str
    history: History = field(default_factory=History)
    versions: list[int] = field(default_factory=list)
    contents: int = 0
    is_sealed: bool = False
    """Whether it lies under the customer key of `world.key`."""
    open: dict[str, Known] = field(default_factory=dict)
    """Whether each stage is open, as far as the oracle knows."""
    seen: dict[str, bool] = field(default_factory=dict)
    """Which stages saw it when all was at rest last."""
    _known: int = 0

    events: SubjectEvents = field(init=False)

    def __post_init__(self) -> None:
        # What a record was about can't be told while the key is shut: it would be lost.
        self.events = self.world.events.register(
            self.arn, self.history, lambda: self.key is not None and self.key.is_shut
        )

    @property
    def arn(self) -> str:
        """Its ARN."""
        return f"arn:aws:sagemaker:{REGION}:{GOVERNANCE}:model-card/{self.name}"

    def create(
        self, who: str, status: str, *, risk: str, filled: bool, sealed: bool = False, same: bool = False
    ) -> None:
        """Somebody makes it, `sealed` under the customer key; or tries to, where there is one. `same`: with the content
        that was written last under this name.
        """
        if same and self.history.changes:
            self.contents -= 1
            last = [each for each in self.history.changes if isinstance(each, Wrote)][-1]
            risk, filled = last.risk, "training_details" in last.sections
        content, wrote = self._content(who, risk, filled=filled)
        under = {"SecurityConfig": {"KmsKeyId": self.world.key.arn}} if sealed else {}
        asked = {"ModelCardName": self.name, "Content": content, "ModelCardStatus": status}
        if not self._lets(who, "create_model_card", **asked, **under):
            return
        self.is_sealed = sealed
        self.versions = [wrote.content]
        self._note(wrote, Set(wrote.at, PEOPLE[who], status, wrote.content))

    def edit(self, who: str, *, risk: str, filled: bool) -> None:
        """Somebody writes another content."""
        content, wrote = self._content(who, risk, filled=filled)
        if self.history.exists and self._lets(who, "update_model_card", ModelCardName=self.arn, Content=content):
            self.versions.append(wrote.content)
            self._note(wrote)

    def set(self, who: str, status: str) -> None:
        """Somebody sets a status."""
        at = self.world.now()  # its event may arrive before the call has answered
        if self.history.exists and self._lets(who, "update_model_card", ModelCardName=self.arn, ModelCardStatus=status):
            self._note(Set(at, PEOPLE[who], status, self.history.written.content, took=delays.completion))

    def delete(self, who: str) -> None:
        """Somebody deletes it."""
        if self.history.exists and self._lets(who, "delete_model_card", ModelCardName=self.name):
            self.history.changes.append(Deleted(self.world.now(), PEOPLE[who]))

    @property
    def key(self) -> Key | None:
        """What has happened to the key that it lies under, if there is one."""
        return self.world.key.history if self.is_sealed else None

    def moments(self) -> int:
        """How many times it was changed since this was asked last."""
        found, self._known = {each.at for each in self.history.changes[self._known :]}, len(self.history.changes)
        return len(found)

    def may(self, account: str, role: str, operation: str, **more: str) -> bool:
        """Whether a role's call would be let through, by the sandbox's evaluator."""
        request = {"ModelCardName": self.arn, **more}
        return is_let(f"arn:aws:iam::{account}:role/{role}", "sagemaker", operation, request)

    def _content(self, who: str, risk: str, *, filled: bool) -> tuple[str, Wrote]:
        self.contents += 1
        content: dict[str, Any] = {
            "model_overview": {"model_description": f"content {self.contents}"},
            "intended_uses": {"risk_rating": risk},
        }
        if filled:
            content["training_details"] = {"training_observations": "It was trained."}
        sections = frozenset(content)
        wrote = Wrote(self.world.now(), PEOPLE[who], self.contents, risk, sections)
        return json.dumps(content), wrote

    def _lets(self, who: str, operation: str, **request: Any) -> bool:
        """Make the call. Who may not, or for whom it isn't there, changes nothing."""
        try:
            getattr(self.world.person(who), operation)(**request)
        except ClientError as error:
            if error.response["Error"]["Code"] in ("AccessDeniedException", "ConflictException", "ResourceNotFound"):
                return False
            raise
        self.world.happened()
        return True

    def _note(self, *changes: Change) -> None:
        self.history.changes += changes
        status = next((each.status for each in changes if isinstance(each, Set)), "")
        self.events.unrecorded.append(Unrecorded(changes[0].by, status, list(changes)))
