"""Many teams in small; and what must be found when the product forgets something of them."""

from dataclasses import replace
from typing import Any

import pytest

from soak.oracle.teams import Teams, access
from soak.rows import teams as rows
from soak.teams import planned
from soak.teams.drawn import HOME, Company, Size, drawn
from soak.teams.judge import Judged, judge
from soak.teams.planned import Planned
from soak.teams.run import rules_of, teams
from stagegate.links.link import linked
from stagegate.plans.change import Change
from stagegate.rules.narrowed.for_subject import for_subject
from stagegate.surfaces.shares.changes import CloseShare
from stagegate.targets.target import CloseTarget

SMALL = Size(teams=6, models=72, selectors=3)


def test_nobody_has_too_much_or_too_little() -> None:
    found = teams(SMALL, seed=1)
    assert [(each.across, each.too_many, each.too_few, each.wrong) for each in found] == [(0, 0, 0, [])] * 2
    assert [each.roles for each in found] == [15, 72]
    assert [each.pairs for each in found] == [15 * 72, 72 * 72]
    assert all(each.open > 50 for each in found)
    assert all(figure.ok for figure in rows.figures(found))


def test_the_same_is_drawn_for_the_same_seed() -> None:
    assert drawn(SMALL, 3) == drawn(SMALL, 3)
    assert drawn(SMALL, 3) != drawn(SMALL, 4)


def test_what_must_be_refused_is_drawn_too() -> None:
    """Or nothing would be shown of it."""
    company = drawn(Size(), 1)
    said = Teams(company.text, HOME, company.cards, company.packages)
    audiences = {each.arn: said.audience("groups", each.group) for each in company.packages}
    speaking = {each.arn: said.speaking(each) for each in company.packages}
    assert len(said.rules["audiences"]) == 60
    assert None not in audiences.values()
    assert any(len(cards) > 1 for cards in speaking.values()), "a conflict"
    assert any(not cards for cards in speaking.values()), "no card"
    assert any(
        said.audience("cards", card.name) != audiences[arn] for arn, cards in speaking.items() for card in cards
    ), "a card of another audience"
    buckets = {each["name"]: each.get("audience") for each in said.rules["buckets"]}
    assert any(buckets[each.bucket] != audiences[each.arn] for each in company.packages), "another team's data"
    mixed = {account for account, covers in _by_account(company).items() if len(covers) > 1}
    assert mixed, "an account that writes some cards and only reads others"


def _by_account(company: Company) -> dict[str, set[bool]]:
    found: dict[str, set[bool]] = {}
    for sees in access(Teams(company.text, HOME, company.cards, company.packages)).cards.values():
        for account, may_write in sees.items():
            found.setdefault(account, set()).add(may_write)
    return found


def test_who_forgets_the_audience_of_a_card_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """A card of one audience opens a package of another."""

    def says(package: Any, words: Any, state: Any, audience: str | None, stages: Any) -> Any:
        return linked(package, [replace(each, audience=audience) for each in words], state, audience, stages)

    monkeypatch.setattr(planned, "linked", says)
    assert _wrong(seed=11).too_many


def test_who_reads_rules_for_all_in_place_of_one_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """The audience of any model is that of the first team."""

    def of_the_first(rules: Any, subject: Any) -> Any:
        return for_subject(rules, replace(subject, name=f"t00-{subject.name[4:]}"))

    monkeypatch.setattr(planned, "for_subject", of_the_first)
    found = _wrong()
    assert found.across
    assert found.too_few
    assert not any(figure.ok for figure in rows.figures([found]))


@pytest.mark.parametrize("kind", [CloseShare, CloseTarget])
def test_what_does_not_close_is_found(monkeypatch: pytest.MonkeyPatch, kind: type[Change]) -> None:
    apply = Planned._apply

    def but(self: Planned, change: Change) -> None:
        if not isinstance(change, kind):
            apply(self, change)

    monkeypatch.setattr(Planned, "_apply", but)
    with pytest.raises(AssertionError, match="once more"):
        teams(SMALL, seed=1)
    monkeypatch.setattr(planned, "_SOME", 10_000)
    monkeypatch.setattr(Planned, "_plan_all", _once(Planned._plan_all))
    assert teams(SMALL, seed=1)[1].too_many


def test_what_is_not_written_is_found() -> None:
    company = drawn(SMALL, 2)
    made, wanted = Planned(), access(Teams(company.text, HOME, company.cards, company.packages))
    made.carry_out(rules_of(company.text), company.cards, company.packages)
    lost = next(id_ for id_, texts in made.desired.items() if texts)
    made.desired[lost] = {}
    found = judge(SMALL, made, wanted, company)
    assert found.too_few
    assert not found.too_many


def test_a_fence_that_is_down_is_found() -> None:
    company = drawn(SMALL, 2)
    made, wanted = Planned(), access(Teams(company.text, HOME, company.cards, company.packages))
    made.carry_out(rules_of(company.text), company.cards, company.packages)
    made.fences.clear()
    found = judge(SMALL, made, wanted, company)
    assert {each.split(": ")[1].split()[0] for each in found.wrong} == {"write"}


def _wrong(seed: int = 2) -> Judged:
    company = drawn(SMALL, seed)
    made, wanted = Planned(), access(Teams(company.text, HOME, company.cards, company.packages))
    made.carry_out(rules_of(company.text), company.cards, company.packages)
    return judge(SMALL, made, wanted, company)


def _once(plan_all: Any) -> Any:
    """What plans everything the first time that it is called for some rules, and then nothing."""
    known: list[Any] = []

    def planning(self: Planned, rules: Any, cards: Any, packages: Any) -> None:
        if rules not in known:
            known.append(rules)
            plan_all(self, rules, cards, packages)

    return planning
