"""What a step of a package is looked at for, beside what every step is."""

from __future__ import annotations

import json
from collections.abc import Collection

from demo.judge.limits import limit_of
from demo.package import others
from demo.package.registry import Registry, card
from demo.story import Aftermath, Check, Finding

Traced = dict[str, list[str]]
"""Statements or grants, by where they are."""
_LEFT_OUT = "What it says is encrypted with a customer key, and left out"
_QUOTED = ("Risk: ", "Image: ", "Data: ", "Yes: ")


def leaves_out_what_is_encrypted(after: Aftermath) -> Finding:
    """Check that the approvers are told what the package is made of and how to answer, and nothing that its own card,
    which is under a customer key, says.
    """
    purpose = str(card()["intended_uses"]["purpose_of_model"])
    texts = [message.text for message in after.messages]
    found = next((text for text in texts if _LEFT_OUT in text and purpose not in text), None)
    if found is None:
        return Finding("the message leaves out what is encrypted", f"none of {len(texts)} messages does", ok=False)
    lines = [line for line in found.splitlines() if line.startswith((_LEFT_OUT, *_QUOTED))]
    return Finding(
        "the message leaves out what is encrypted", "it says what the package is made of:", excerpt=tuple(lines)
    )


def opens_on(surfaces: Collection[str]) -> Check:
    """Check that runs have opened exactly these, and say how many states the longest of them took for that."""

    def check(after: Aftermath) -> Finding:
        opening = [cost for cost in after.costs if any(kind == "OpenTarget" for kind, _ in cost.targets)]
        opened = {on for cost in opening for kind, on in cost.targets if kind == "OpenTarget"}
        longest = max(opening, key=lambda cost: cost.transitions, default=None)
        limit = limit_of(longest) if longest else None
        took = f", in {longest.transitions} states{f' of {limit.states} allowed' if limit else ''}" if longest else ""
        return Finding(_opened(surfaces), f"{_opened(opened)}{took}", ok=opened == set(surfaces))

    return check


def _opened(surfaces: Collection[str]) -> str:
    return f"opened {', '.join(sorted(surfaces)) or 'nothing'}"


class Traces:
    """What Stagegate has on the story's documents and key."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._without_versions: Traced = {}
        self._grants: set[str] = set()

    def note_without_versions(self) -> None:
        """Note what there is while no version is open: what registering takes, and nothing else."""
        self._without_versions = self._now()

    def note_grants(self) -> None:
        """Note the grants that there are now."""
        self._grants = set(self._now()["key"])

    def grants_are_the_same(self, _: Aftermath) -> Finding:
        """Check that the grants are those that were noted."""
        now = set(self._now()["key"])
        same = now == self._grants
        observed = f"the key has {_some(len(now), 'grant')}, {'as before' if same else 'other ones than before'}"
        return Finding("the key's grants are shared", observed, ok=same)

    def nothing_is_left(self, _: Aftermath) -> Finding:
        """Check that nothing is there but what was noted while no version was open."""
        now, before = self._now(), self._without_versions
        left = [f"on the {where}" for where, found in now.items() if found != before[where]]
        kept = [where for where, found in now.items() if found]
        if left:
            observed = f"not as it was without versions: {', '.join(left)}"
        elif kept:
            observed = f"Stagegate has only what registering takes there (on the {', '.join(kept)})"
        else:
            observed = "Stagegate has no statement and no grant there"
        return Finding("nothing is left of any version", observed, ok=not left)

    def _now(self) -> Traced:
        theirs = others.sids(self._registry)
        kms = self._registry.admin("key", "kms")
        ours: Traced = {
            document: sorted(
                json.dumps(each, sort_keys=True)
                for each in others.statements_on(self._registry, document)
                if each.get("Sid") not in sids
            )
            for document, sids in theirs.items()
        }
        return ours | {"key": sorted(each["GrantId"] for each in kms.list_grants(KeyId=self._registry.key)["Grants"])}


def _some(many: int, what: str) -> str:
    return f"{many} {what}{'' if many == 1 else 's'}"
