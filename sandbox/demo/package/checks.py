"""What a step of a package is looked at for, beside what every step is."""

from __future__ import annotations

from collections.abc import Collection

from sandbox.demo.limits import limit_of
from sandbox.demo.package import others
from sandbox.demo.package.registry import Registry, card
from sandbox.demo.story import Aftermath, Check, Finding

_QUOTED = ("Risk: ", "Image: ", "Data: ", "Yes: ")


def quotes_its_card(after: Aftermath) -> Finding:
    """Check that the approvers are told what the package's own card says, and how to answer."""
    purpose = str(card()["intended_uses"]["purpose_of_model"])
    texts = [message.text for message in after.messages]
    found = next((text for text in texts if purpose in text), None)
    if found is None:
        return Finding("the message quotes the card", f"none of {len(texts)} messages does", ok=False)
    lines = [line for line in found.splitlines() if line == purpose or line.startswith(_QUOTED)]
    return Finding("the message quotes the card", "it quotes the package's own card:", excerpt=tuple(lines))


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


class Grants:
    """The grants of the story's key."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._seen: set[str] = set()

    def ids(self) -> set[str]:
        """The ids of the grants that there are."""
        kms = self._registry.admin("key", "kms")
        return {grant["GrantId"] for grant in kms.list_grants(KeyId=self._registry.key)["Grants"]}

    def remember(self) -> None:
        """Note those that there are now."""
        self._seen = self.ids()

    def are_the_same(self, _: Aftermath) -> Finding:
        """Check that they are those that were noted."""
        now = self.ids()
        same = now == self._seen
        observed = f"the key has {_some(len(now), 'grant')}, {'as before' if same else 'other ones than before'}"
        return Finding("the key's grants are shared", observed, ok=same)


def nothing_is_left(registry: Registry) -> Check:
    """Check that no statement and no grant is left but other teams'."""

    def check(_: Aftermath) -> Finding:
        theirs = others.sids(registry)
        ours = {
            document: sum(each.get("Sid") not in sids for each in others.statements_on(registry, document))
            for document, sids in theirs.items()
        }
        left = [f"{_some(many, 'statement')} on the {document}" for document, many in ours.items() if many]
        left += [f"{_some(many, 'grant')} of the key" for many in [len(Grants(registry).ids())] if many]
        observed = f"left: {', '.join(left)}" if left else "Stagegate has no statement and no grant there"
        return Finding("nothing is left", observed, ok=not left)

    return check


def _some(many: int, what: str) -> str:
    return f"{many} {what}{'' if many == 1 else 's'}"
