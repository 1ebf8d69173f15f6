"""What a card's content is, and which of its sections say something."""

import json
from collections.abc import Mapping

_BYTE_ORDER_MARK = "\ufeff"
_UNREADABLE = "unreadable"

_SAYS_NOTHING = "unknown"
"""What SageMaker's SDK writes where nobody has said anything: of the risk, for one (`RiskRatingEnum.UNKNOWN`)."""


def content_of(text: str) -> Mapping[str, object]:
    """Return a card's content, {} for none. What isn't a JSON object has no section that says anything, and is another
    content than any other text: a gate can judge it, and what is open by another card closes.

    An editor of another platform may have put a byte-order mark before it (RFC 8259, section 8.1: it may be ignored).
    """
    written = text.removeprefix(_BYTE_ORDER_MARK)
    if not written:
        return {}
    try:
        found = json.loads(written)
    except (ValueError, RecursionError):
        found = None
    return found if isinstance(found, dict) else {_UNREADABLE: [None, {written: None}]}


def leaf(content: Mapping[str, object], section: str, name: str) -> object:
    """Return what a section says under a name; None where it says nothing, or isn't a section."""
    said = content.get(section)
    return said.get(name) if isinstance(said, Mapping) else None


def filled_in(content: Mapping[str, object]) -> frozenset[str]:
    """Return the top-level keys of a card's content below which something is said."""
    return frozenset(section for section, value in content.items() if says_something(value))


def says_something(value: object) -> bool:
    """Tell whether some leaf of a JSON value says something.

    Nothing is said by null, by text without a visible character, by "Unknown" in any case, and by what holds nothing
    else. A number says something, and so does `false`: both are answers.
    """
    if isinstance(value, Mapping):
        return any(map(says_something, value.values()))
    if isinstance(value, list):
        return any(map(says_something, value))
    if isinstance(value, str):
        visible = "".join(each for each in value if each.isprintable() and not each.isspace())
        return visible.casefold() not in ("", _SAYS_NOTHING)
    return value is not None
