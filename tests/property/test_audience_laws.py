"""Laws of selecting an audience, for all names and patterns."""

from hypothesis import given
from hypothesis import strategies as st

from stagegate.core.patterns import fits
from stagegate.rules.audiences import Audience, Selected
from stagegate.rules.checks.audiences import covers
from stagegate.rules.narrowed.choice import choose

OWNERS = ("111122223333", "222233334444")
names = st.text("ab-", min_size=1, max_size=4)
patterns = names | names.map(lambda name: f"{name}*") | st.just("*")
kinds = st.sampled_from(Selected)


@st.composite
def audiences(draw: st.DrawFn) -> tuple[Audience, ...]:
    some = st.lists(patterns, max_size=2).map(tuple)
    return tuple(
        Audience(
            name=f"a{at}",
            cards=draw(some),
            groups=draw(some),
            hubs=draw(some),
            owners=draw(st.sampled_from([(), OWNERS[:1], OWNERS])),
        )
        for at in range(draw(st.integers(0, 4)))
    )


def selected(audience: Audience, kind: Selected, name: str, owner: str) -> bool:
    """What an audience has, said another way than the product does."""
    own = {"cards": audience.cards, "groups": audience.groups, "hubs": audience.hubs}
    listed = own[kind.value] if any(own.values()) else ("*",) if audience.owners else ()
    at_all = any(name == each or (each[-1] == "*" and name[: len(each) - 1] == each[:-1]) for each in listed)
    return at_all and (not audience.owners or owner in audience.owners)


@given(audiences(), kinds, names, st.sampled_from(OWNERS))
def test_the_first_that_selects_a_model_has_it_and_else_nobody(
    found: tuple[Audience, ...], kind: Selected, name: str, owner: str
) -> None:
    theirs = [each for each in found if selected(each, kind, name, owner)]
    assert choose(found, kind, name, owner) == (theirs[0] if theirs else None)


@given(audiences(), audiences(), kinds, names, st.sampled_from(OWNERS))
def test_an_audience_added_behind_takes_no_model_away(
    found: tuple[Audience, ...], behind: tuple[Audience, ...], kind: Selected, name: str, owner: str
) -> None:
    before = choose(found, kind, name, owner)
    if before is not None:
        assert choose((*found, *behind), kind, name, owner) == before


@given(patterns, patterns, names, kinds)
def test_a_pattern_that_covers_another_has_all_its_names(one: str, other: str, name: str, kind: Selected) -> None:
    if covers(one, other, kind) and fits(other, name):
        assert fits(one, name)
    assert covers(one, one, kind)
