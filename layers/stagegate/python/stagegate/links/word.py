"""A card's word: the stages that it opens for the packages that it speaks for."""

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from stagegate.links.content import is_same

NAMES, APPROVED, WORD = "names", "approved", "word"
"""What a card's run leaves of its word for those of its packages, in its planner's state."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """One stage that a card opens: on which approval (a record's id, None where the rules ask for none), and which
    packages the content names that the approval is about.
    """

    stage: str
    approval: str | None = None
    names: tuple[str, ...] = ()
    is_of_now: bool = False
    """Whether the content as it is now is approved: for this stage, or for any where this one asks for no approval."""
    only_keeps: bool = False
    """Whether nobody knows which content was approved, and so what it names: it opens nothing that isn't open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """What a card says at one moment. `status` is "" for one that isn't there.

    `names` are the ARNs of the packages that its content names now. `openings` are what its own run has opened, as far
    as the card is still the one that this was opened for. `is_on_record` says whether that run has seen it as it is
    now: else it is about to, and starts the runs of its packages. `at` is when that was recorded, "" for never.
    `audience` is whom the card is for: "" for everybody, None for nobody (`Rules.audience`). `error` says why nobody
    could read the card, "" where somebody has: then it opens nothing, and `names` are those on record.
    """

    arn: str
    name: str
    account: str
    status: str = ""
    version: int | None = None
    names: tuple[str, ...] = ()
    openings: tuple[Opening, ...] = ()
    is_on_record: bool = True
    at: str = ""
    audience: str | None = ""
    error: str = ""

    @property
    def is_there(self) -> bool:
        """Whether there is such a card."""
        return bool(self.status)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A card as it is now, as far as its word goes by it. `opens` are the stages of its status, by the rules."""

    status: str
    version: int
    content_hash: str
    created: datetime
    names: tuple[str, ...]
    opens: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What the card's own run has recorded: the `grants` of its stages, each with its approval, and the state it left
    to the next one. `at` is when, "" where there is no record.
    """

    grants: Mapping[str, str | None] = field(default_factory=dict)
    status: str = ""
    content_hash: str | None = None
    planner_state: Mapping[str, str] = field(default_factory=dict)
    at: str = ""


def word_of(arn: str, seen: Seen | None, record: Recorded, *, keeps_edited: bool) -> Word:
    """Return the word of a card: what it has opened, and its status and content still let it.

    A card that was edited since its approval opens no stage that needed it, or, with `keeps_edited`, speaks in these
    for the packages that the approved content names; where that isn't on record, it only keeps what is open. One that
    was made anew under its name opens nothing until its own run has seen it.
    """
    _, _, _, _, account, named = arn.split(":", 5)
    name = named.partition("/")[2]
    if seen is None:
        return Word(arn=arn, name=name, account=account, at=record.at)
    is_another = _is_another(seen, record.planner_state)
    approved = _approved_of(seen, record)
    # An earlier release has recorded the content of now, and not that of an approval which an edit doesn't end.
    is_unknown = keeps_edited and WORD not in record.planner_state
    is_approved = not is_unknown and any(
        approved.get(stage, ("", []))[0] == seen.content_hash
        for stage, approval in record.grants.items()
        if approval is not None and stage in seen.opens
    )
    openings = []
    for stage, approval in sorted(record.grants.items()):
        if is_another or stage not in seen.opens:
            continue
        names, is_of_now = seen.names, is_approved
        if approval is not None:
            content, named_then = approved.get(stage, (None, []))
            is_of_now = content == seen.content_hash and not is_unknown
            if content != seen.content_hash:
                if content is None or not keeps_edited:
                    continue
                names = tuple(named_then)
        openings.append(
            Opening(
                stage=stage,
                approval=approval,
                names=names,
                is_of_now=is_of_now,
                only_keeps=bool(approval) and is_unknown,
            )
        )
    return Word(
        arn=arn,
        name=name,
        account=account,
        status=seen.status,
        version=seen.version,
        names=seen.names,
        openings=tuple(openings),
        is_on_record=not is_another and record.status == seen.status and record.content_hash == seen.content_hash,
        at=record.at,
    )


def left_to_packages(
    before: Mapping[str, str],
    *,
    status: str,
    names: Collection[str],
    content_hash: str,
    openings: Mapping[str, tuple[str | None, str | None]],
) -> dict[str, str]:
    """Return what a card's run leaves of its word. `openings` has each open stage's approval, and the content that it
    is about; `before` is the state of the run before.

    Of a stage that stays open on an approval of an earlier content, what that content names is known from then.
    """
    known = _approved(before)
    approved = {}
    for stage, (approval, content) in sorted(openings.items()):
        if approval is None:
            continue
        if content == content_hash:
            approved[stage] = [content_hash, sorted(names)]
        elif stage in known:
            approved[stage] = list(known[stage])
    said = [status, sorted(names), sorted([s, a or ""] for s, (a, _) in openings.items()), approved]
    return {
        WORD: hashlib.sha256(json.dumps(said).encode()).hexdigest()[:16],
        **({NAMES: _json(sorted(names))} if names else {}),
        **({APPROVED: _json(approved)} if approved else {}),
    }


def named_before(planner_state: Mapping[str, str]) -> tuple[str, ...]:
    """Return every package that a card was on record to name, in the content of then or in what is approved."""
    found = list(json.loads(planner_state[NAMES])) if NAMES in planner_state else []
    for _, names in _approved(planner_state).values():
        found += [each for each in names if not any(is_same(each, other) for other in found)]
    return tuple(found)


def contents_of(planner_state: Mapping[str, str]) -> tuple[tuple[str, ...], ...]:
    """Return the packages that a card's content names by the record, and those of each content that is approved."""
    now = tuple(json.loads(planner_state[NAMES])) if NAMES in planner_state else ()
    return (now, *(tuple(names) for _, names in _approved(planner_state).values()))


def without_word(planner_state: Mapping[str, str]) -> dict[str, str]:
    """Return the rest of a state."""
    return {key: value for key, value in planner_state.items() if key not in (NAMES, APPROVED, WORD)}


def missing(those: Iterable[str], among: Collection[str]) -> tuple[str, ...]:
    """Return those ARNs that aren't among others, whatever way they are spelled."""
    return tuple(each for each in those if not any(is_same(each, other) for other in among))


def _approved_of(seen: Seen, record: Recorded) -> dict[str, tuple[str, list[str]]]:
    """Return the content that each stage was approved on, and the packages that it names. Of what an earlier release
    has recorded, the content on record is taken for it.
    """
    if WORD in record.planner_state or record.content_hash is None:
        return _approved(record.planner_state)
    then = (record.content_hash, list(seen.names))
    return {stage: then for stage, approval in record.grants.items() if approval is not None}


def _approved(planner_state: Mapping[str, str]) -> dict[str, tuple[str, list[str]]]:
    if APPROVED not in planner_state:
        return {}
    return {stage: (content, names) for stage, (content, names) in json.loads(planner_state[APPROVED]).items()}


def _is_another(seen: Seen, planner_state: Mapping[str, str]) -> bool:
    """Tell whether this is a card that was made after the one on record was last seen (see `status_history`)."""
    last = planner_state.get("seen")
    return last is not None and datetime.fromisoformat(last) < seen.created.replace(microsecond=0)


def _json(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))
