"""Each part's figures say what was found, and are `ok` only where it is right."""

import json
from collections import Counter
from pathlib import Path
from typing import Any, cast

import pytest

from proofs.figures import Figure, tree, write
from soak import page
from soak.histories.machine import _Copy
from soak.histories.run import Outcome
from soak.histories.wrong import Wrong, WrongError
from soak.load.storms import Storm
from soak.load.sweeps import Cost, is_linear
from soak.orphans import Orphans
from soak.rows import histories, interleavings, load, made, orphans
from soak.rows.load import Load
from soak.seeded import run as seeded
from soak.seeded.run import Fault


def by_name(figures: list[page.Figure]) -> dict[str, tuple[float, bool]]:
    return {each.name: (each.value, each.ok) for each in figures}


@pytest.mark.parametrize("kind", Wrong)
def test_what_is_wrong_counts_as_its_kind_and_as_no_other(kind: Wrong) -> None:
    outcome = Outcome(verdicts=Counter(open=30), steps=Counter(sweep=5))
    outcome.add({"wrong": "SEED=1:\n  nobody asked, found True, must be False", "kind": kind.value})
    found = histories.figures(outcome)
    assert [each.name for each in found if not each.ok] == ["histories", kind]
    assert {each.of for each in found if each.name in ("too much", "too little")} == {30}
    assert {each.of for each in found if each.name in ("claims held", "failures unheard")} == {5}


def test_a_batch_that_breaks_is_wrong_otherwise() -> None:
    outcome = Outcome()
    outcome.add({"died": "Traceback: found True, must be False"})
    assert [each.name for each in histories.figures(outcome) if not each.ok] == ["histories", Wrong.OTHER]


def test_a_copy_says_of_which_kind_it_is() -> None:
    """What is raised in the copy is raised here again, the same."""

    class Unasked:
        def asks(self) -> None:
            raise WrongError(Wrong.UNASKED, "found True, must be False")

    example = _Copy(cast("Any", Unasked))
    with pytest.raises(WrongError, match="found True") as wrong:
        example.does("asks", {})
    example.end()
    assert wrong.value.kind is Wrong.UNASKED


def test_a_storm_that_leaves_something_wrong_is_shown_and_counted() -> None:
    storms = (Storm("4 cards at once", 8, 8, (), ()), Storm("2 packages on one bucket", 3, 4, ("p: prod",), ()))
    costs = tuple(Cost(n, 1, n, 8 * n, 1.0, {}, 0) for n in (10, 40))
    found = load.figures(Load(storms, costs))
    assert by_name(found)["load: 4 cards at once"] == (8, True)
    assert by_name(found)["load: 2 packages on one bucket"] == (3, False)
    assert by_name(found)["writers"] == (3, False)
    assert by_name(found)["load"] == (2, False)
    assert any("p: prod" in line for line in load.show(Load(storms, costs)))


def test_a_sweep_that_costs_more_for_each_of_many_is_not_linear() -> None:
    few, many = Cost(100, 1, 100, 800, 1.0, {}, 0), Cost(400, 1, 400, 3400, 4.0, {}, 0)
    assert not is_linear([few, many])
    assert is_linear([few, Cost(400, 1, 400, 3200, 4.0, {}, 0)])
    assert not is_linear([few, Cost(400, 1, 400, 3200, 4.0, {}, failed=1)])


@pytest.mark.parametrize(
    ("found", "ok"),
    [
        (Orphans(10, 10, 5, (), ()), {"orphans": True, "withdrawn": True}),
        (Orphans(10, 9, 5, (), ()), {"orphans": False, "withdrawn": True}),
        (Orphans(10, 10, 5, ("share x",), ()), {"orphans": True, "withdrawn": False}),
        (Orphans(10, 10, 0, (), ()), {"orphans": True, "withdrawn": False}),
        (Orphans(10, 10, 5, (), ("bucket: lost",)), {"orphans": False, "withdrawn": False}),
    ],
)
def test_orphans_that_stay_and_what_a_withdrawal_leaves_are_found(found: Orphans, ok: dict[str, bool]) -> None:
    assert {each.name: each.ok for each in orphans.figures(found)} == ok


def test_a_control_that_is_not_found_is_not_ok() -> None:
    found = interleavings.Interleavings(10, (), ("no check",))
    assert [each.ok for each in interleavings.figures(found)] == [True, False]


def test_seeded_faults_are_taken_with_those_that_nobody_has_noticed(tmp_path: Path) -> None:
    found = [Fault("one", caught=True, by="history", after="1 step"), Fault("two", caught=False, by="", after="1 step")]
    seeded.write(found, tree(), tmp_path / "soak-seeded.json")
    assert made.figures(tmp_path) == [page.Figure("seeded faults", 1, 2, ok=False)]
    seeded.write(found[:1], tree(), tmp_path / "soak-seeded.json")
    assert made.figures(tmp_path) == [page.Figure("seeded faults", 1, 1, ok=True)]
    seeded.write(found[:1], "another", tmp_path / "soak-seeded.json")
    assert made.figures(tmp_path) == []


def test_several_figures_of_a_command_have_one_of_its_name(tmp_path: Path) -> None:
    write("privileges", [Figure("used", 3, 3, ok=True), Figure("unneeded", 1, None, ok=False)], tmp_path)
    assert by_name(made.figures(tmp_path)) == {"privileges": (1, False), "used": (3, True), "unneeded": (1, False)}


def test_figures_of_another_tree_are_not_taken(tmp_path: Path) -> None:
    write("proofs", [Figure("documents proven", 3, 3, ok=True)], tmp_path)
    assert by_name(made.figures(tmp_path)) == {"documents proven": (3, True)}
    said = json.loads((tmp_path / "proofs.json").read_text())
    assert said["tree"] == tree()
    (tmp_path / "proofs.json").write_text(json.dumps({**said, "tree": "another"}))
    assert made.figures(tmp_path) == []
    assert "  proofs: of another tree; run: make prove" in made.show(tmp_path)
    assert "  models: not run; run: make model-check" in made.show(tmp_path)
