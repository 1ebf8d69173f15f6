"""What must be found: the same plays, with something taken away from the product that keeps them right.

A search that doesn't find these would find nothing.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from typing import Any
from unittest.mock import patch

from stagegate.iam.limits import Limit
from stagegate.iam.render import Rendered, is_changed, render
from stagegate.iam.statements import Statement
from stagegate.ledger import targets
from stagegate.surfaces.policies import apply as apply_policies
from stagegate.surfaces.policies import write as policy_documents

from .documents import closes, opens
from .explore import Explored, explore
from .moments import Faults, Play
from .scenarios import ONE_DIES, OPENED, TOO_MUCH, TWO, Scenario
from .writers import Control, Writers


@contextmanager
def no_lease() -> Iterator[None]:
    """Nobody waits for anybody."""
    with patch.object(targets, "lease", lambda *_, **__: nullcontext()):
        yield


@contextmanager
def desired_grants_read_before_the_lease() -> Iterator[None]:
    """What everybody wants is read when it may still change."""
    take, look = targets.lease, targets.desired_grants_of

    @contextmanager
    def after_a_look(dynamodb: Any, table: str, target: str, **how: Any) -> Iterator[None]:
        seen = look(dynamodb, table, target)
        with take(dynamodb, table, target, **how), patch.object(targets, "desired_grants_of", lambda *_: seen):
            yield

    with patch.object(targets, "lease", after_a_look):
        yield


@contextmanager
def first_look_believed() -> Iterator[None]:
    """One look is enough to believe that there is nothing to do."""
    look: Any = policy_documents._first_change  # noqa: SLF001  no other place decides how many looks are enough
    with patch.object(policy_documents, "_first_change", lambda *about: look(*about[:-1], 1)):
        yield


@contextmanager
def desired_grants_left_recorded() -> Iterator[None]:
    """What can't be fulfilled stays wanted."""
    with patch.object(apply_policies, "still_desired", lambda _, desired_text: desired_text):
        yield


@contextmanager
def whole_document_overwritten() -> Iterator[None]:
    """The published recipe: the document is ours."""

    def rendered(existing: str | None, wanted: Collection[Statement], limit: Limit, sid_prefix: str) -> Rendered:
        ours = render(None, wanted, limit, sid_prefix)
        return replace(ours, changed=is_changed(existing, ours.text))

    with patch.object(policy_documents, "render", rendered):
        yield


@dataclass(frozen=True, slots=True, kw_only=True)
class Lack:
    """What is taken away, the play in which that shows, and one of the things that must be found."""

    name: str
    scenario: Scenario
    finds: str
    control: Control | None = None
    outlived: bool = False

    def explored(self) -> Explored:
        """Play it."""
        return explore(self.scenario, Play(Writers(self.control), outlived=self.outlived))


_TWO = Scenario(name="one opens, one closes", tasks=TWO, before=OPENED)
LACKS = (
    Lack(name="no lease", control=no_lease, scenario=_TWO, finds="something wanted is missing"),
    Lack(
        name="a lease shorter than the function",
        outlived=True,
        scenario=replace(_TWO, faults=Faults(ticks=1)),
        finds="something stands that nobody wants",
    ),
    Lack(
        name="desired grants read before the lease is held",
        control=desired_grants_read_before_the_lease,
        scenario=_TWO,
        finds="something wanted is missing",
    ),
    Lack(
        name="the first look believed",
        control=first_look_believed,
        scenario=Scenario(name="opened, then closed", tasks=(opens(1), closes(1)), faults=Faults(stale_reads=1)),
        finds="something stands that nobody wants",
    ),
    Lack(
        name="desired grants that can't be fulfilled left on record",
        control=desired_grants_left_recorded,
        scenario=Scenario(
            name="one wants too much", tasks=(TOO_MUCH, closes(2)), before=(opens(1), opens(2)), faults=ONE_DIES
        ),
        finds="what is wanted isn't on record",
    ),
    Lack(
        name="the whole document overwritten",
        control=whole_document_overwritten,
        scenario=_TWO,
        finds="a foreign statement was dropped from what was read",
    ),
)
