"""What a governance.toml lets be expected of cards, worked out without the product, which is held to it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any  # TOML

from demo.judge.expectations import Gate, Stage, approvers_for, document_of, gates_in, stages_in


@dataclass(slots=True)
class CardState:
    """What the story itself has done to the card so far. `content` counts the contents; `setters` are those who have
    set the present status since the card came into it, as (role ARN, content they saw).
    """

    status: str | None = None
    content: int = 0
    author: str = ""
    risk: str = "Unknown"
    sections: frozenset[str] = frozenset()
    setters: list[tuple[str, int]] = field(default_factory=list)

    def edit(self, author: str, sections: Collection[str], risk: str) -> None:
        """Somebody has written another content."""
        self.content += 1
        self.author, self.sections, self.risk = author, frozenset(sections), risk

    def set_status(self, status: str, by: str) -> None:
        """Somebody has set a status, which may be the one that it has."""
        if status != self.status:
            self.setters.clear()
        self.status = status
        self.setters.append((by, self.content))


@dataclass(frozen=True, slots=True)
class Expected:
    """What must hold now: the stages that see the card, whether they may write it, and the findings that say why
    others don't (or shouldn't for long).
    """

    stages: Mapping[str, bool]
    findings: frozenset[str]


@dataclass(frozen=True, slots=True)
class Expectations:
    """The file, as far as the story needs it."""

    stages: tuple[Stage, ...]
    opens: Mapping[str, Mapping[str, bool]]
    asks: frozenset[str]
    gates: tuple[Gate, ...]
    required: frozenset[str]
    four_eyes: bool
    stays_open_after_edit: bool

    def hold_for(self, card: CardState, open_now: Collection[str]) -> Expected:
        """Return what is expected for a card to which that has been done; `open_now` are the stages that see it."""
        stages: dict[str, bool] = {}
        findings: set[str] = set()
        for stage, write in self.opens.get(card.status or "", {}).items():
            is_open, found = self._through_the_gate(card, stage, is_open=stage in open_now)
            if found:
                findings.add(found)
            if is_open:
                stages[stage] = write
        return Expected(stages, frozenset(findings))

    def may_see(self, expected: Expected, account: str) -> bool:
        """Whether anybody in the account may see the card: access is the union of the account's stages."""
        return any(account in stage.accounts for stage in self.stages if stage.name in expected.stages)

    def may_write(self, expected: Expected, account: str, role: str) -> bool:
        """Whether that role, which its own policies would let, may write the card."""
        if not self.may_see(expected, account):
            return False
        here = [stage for stage in self.stages if account in stage.accounts]
        if any(expected.stages.get(stage.name) for stage in here):
            return True
        fenced = {name for stage in here for name in stage.roles}
        covers_all_roles = any(stage.fence == "scp" for stage in here)
        return not (covers_all_roles or role in fenced)

    def _through_the_gate(self, card: CardState, stage: str, *, is_open: bool) -> tuple[bool, str | None]:
        principals = approvers_for(self.gates, stage, card.risk)
        if principals is None:
            return True, None
        if not principals:
            return False, "NoApprover"
        approvals = [(by, content) for by, content in card.setters if by in principals]
        if not approvals:
            return False, "NotAnApprover"
        current = [(by, content) for by, content in approvals if content == card.content]
        if not current and not (self.stays_open_after_edit and is_open):
            return False, "ApprovalVoid"
        if not self.required <= card.sections:
            return False, "SectionsMissing"
        approver = (current or approvals)[-1][0]
        if self.four_eyes and approver == card.author:
            return False, "FourEyes"
        return True, None if current else "ApprovalOutdated"


def read(settings: Path) -> Expectations:
    """Return what is to be expected of a governance.toml, with the defaults that its comments document."""
    document = document_of(settings)
    cards: dict[str, Any] = document["cards"]
    return Expectations(
        stages=stages_in(document),
        opens={
            status: {opened["stage"]: opened.get("write", False) for opened in rule["opens"]}
            for status, rule in cards["status"].items()
        },
        asks=frozenset(status for status, rule in cards["status"].items() if rule.get("ask_approvers", False)),
        gates=gates_in(document),
        required=frozenset(cards.get("required_sections", ())),
        four_eyes=cards.get("four_eyes", False),
        stays_open_after_edit=cards.get("after_edit", "close") == "ask",
    )
