"""Laws of what a card's content says."""

from hypothesis import given, settings
from hypothesis import strategies as st

from stagegate.subjects.cards.contents.sections import filled_in, says_something

LAW = settings(max_examples=200, deadline=None)
KEYS = st.text(max_size=5)
EMPTY = st.sampled_from([None, "", " ", "\t\n", "\u200b", "\u00a0", "Unknown", "unknown", " UNKNOWN "])
ANSWERS = st.one_of(
    st.integers(), st.floats(allow_nan=False), st.booleans(), st.sampled_from(["x", "High", "none", "Unknown so far"])
)


def nested(leaves: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    return st.recursive(leaves, lambda below: st.one_of(st.lists(below), st.dictionaries(KEYS, below)), max_leaves=8)


@LAW
@given(nested(EMPTY))
def test_what_has_only_empty_leaves_says_nothing(value: object) -> None:
    assert not says_something(value)


@LAW
@given(nested(EMPTY), ANSWERS, st.lists(st.one_of(KEYS, st.none()), max_size=5))
def test_one_answer_is_enough_however_deep_it_lies(beside: object, answer: object, path: list[str | None]) -> None:
    value = answer
    for key in path:
        value = [beside, value, beside] if key is None else {"beside": beside, key: value}
    assert says_something(value)


@LAW
@given(st.dictionaries(KEYS, nested(st.one_of(EMPTY, ANSWERS))))
def test_a_section_counts_if_and_only_if_some_leaf_says_something(content: dict[str, object]) -> None:
    assert filled_in(content) == {key for key, value in content.items() if any(map(says_something, leaves(value)))}


def leaves(value: object) -> list[object]:
    below = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return [value] if below is None else [leaf for each in below for leaf in leaves(each)]
