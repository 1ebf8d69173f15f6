"""Filters come back from their text, and an answer holds whatever the unknown turns out to be."""

import string

from hypothesis import given, settings
from hypothesis import strategies as st

from stagegate.rules.filters.fields import FIELDS, Field, Kind, Known
from stagegate.rules.filters.grammar import parse
from stagegate.rules.filters.model import AllOf, Always, AnyOf, Compared, Filter, Negated, Operator, Truth, evaluate
from stagegate.rules.filters.words import FilterError

LAW = settings(max_examples=150, deadline=None)
VALUES = st.text(string.ascii_letters + string.digits + "-_. @:<>", min_size=1, max_size=8).map(str.strip).filter(bool)
OF_KIND = {
    Kind.TEXT: [Operator.EQUALS, Operator.IN, Operator.INCLUDES, Operator.BEGINS_WITH, Operator.ENDS_WITH],
    Kind.LIST: [Operator.INCLUDES],
    Kind.SWITCH: [Operator.EQUALS],
}


@st.composite
def comparisons(draw: st.DrawFn) -> Compared:
    field = draw(st.sampled_from(list(FIELDS.values())))
    operator = draw(st.sampled_from(OF_KIND[field.kind]))
    value = st.sampled_from(["true", "false"]) if field.kind is Kind.SWITCH else VALUES
    values = draw(st.lists(value, min_size=1, max_size=3 if operator is Operator.IN else 1))
    return Compared(field, operator, tuple(values))


FILTERS: st.SearchStrategy[Filter] = st.recursive(
    comparisons() | st.sampled_from([Always(Truth.TRUE), Always(Truth.FALSE)]),
    lambda below: st.one_of(
        below.map(Negated),
        st.lists(below, min_size=2, max_size=3).map(lambda parts: AllOf(tuple(parts))),
        st.lists(below, min_size=2, max_size=3).map(lambda parts: AnyOf(tuple(parts))),
    ),
    max_leaves=6,
)


def text_of(requested: Filter) -> str:
    """A filter as somebody may write it: parentheses wherever there is more than one part."""
    match requested:
        case Always(truth):
            return truth.value
        case Compared(field, operator, values):
            quoted = [f'"{value}"' for value in values]
            several = f"[{', '.join(quoted)}]"
            return f"{field.name} {operator} {several if operator is Operator.IN else quoted[0]}"
        case Negated(of):
            return f"not ({text_of(of)})"
        case AllOf(of):
            return " and ".join(f"({text_of(each)})" for each in of)
        case AnyOf(of):
            return " or ".join(f"({text_of(each)})" for each in of)


@LAW
@given(FILTERS)
def test_a_filter_comes_back_from_its_text(requested: Filter) -> None:
    assert parse(text_of(requested)) == requested


@LAW
@given(st.text(max_size=40))
def test_any_text_is_a_filter_or_an_error_that_says_what_is_allowed(text: str) -> None:
    try:
        said = [text_of(parse(text))]
    except FilterError as error:
        said = [error.found, error.allowed]
    assert all(said)


def known_values(field: Field) -> st.SearchStrategy[Known]:
    if field.kind is Kind.SWITCH:
        return st.booleans().map(lambda value: Known(value=value))
    if field.kind is Kind.LIST:
        return st.lists(VALUES, max_size=2).map(lambda value: Known(value=tuple(value)))
    return VALUES.map(lambda value: Known(value=value))


@LAW
@given(FILTERS, st.data())
def test_an_answer_holds_whatever_the_unknown_turns_out_to_be(requested: Filter, data: st.DataObject) -> None:
    complete = {name: data.draw(known_values(field)) for name, field in FIELDS.items()}
    hidden = data.draw(st.sets(st.sampled_from(sorted(FIELDS))))
    partly = evaluate(requested, lambda field: None if field.name in hidden else complete[field.name])
    wholly = evaluate(requested, lambda field: complete[field.name])
    assert wholly.truth is not Truth.UNKNOWN
    assert partly.missing <= hidden
    if partly.truth is Truth.UNKNOWN:
        assert partly.missing
    else:
        assert partly.truth is wholly.truth


@LAW
@given(FILTERS, st.data())
def test_what_is_missing_is_what_has_to_be_read(requested: Filter, data: st.DataObject) -> None:
    complete = {name: data.draw(known_values(field)) for name, field in FIELDS.items()}
    known: dict[str, Known] = {}

    def so_far(field: Field) -> Known | None:
        return known.get(field.name)

    answer = evaluate(requested, so_far)
    while answer.truth is Truth.UNKNOWN:
        assert answer.missing - known.keys()
        known.update({name: complete[name] for name in answer.missing})
        answer = evaluate(requested, so_far)
    assert answer.truth is evaluate(requested, lambda field: complete[field.name]).truth
