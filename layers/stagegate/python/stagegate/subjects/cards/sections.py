"""Which sections of a card's content say something."""

from collections.abc import Mapping

_SAYS_NOTHING = "unknown"
"""What SageMaker's SDK writes where nobody has said anything: of the risk, for one (`RiskRatingEnum.UNKNOWN`)."""


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
