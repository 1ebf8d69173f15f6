"""Our own values survive the way through the state machine's JSON."""

import json
from dataclasses import replace

import dacite
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stagegate.domain.approvals import ChangeRecord
from stagegate.domain.entitlements import entitle
from stagegate.domain.fences import Fence, LowerFence, RaiseFence
from stagegate.domain.plan import Change, Grant, Plan, View
from stagegate.domain.rules import Rules
from stagegate.domain.shares import CloseShare, OpenShare
from stagegate.runtime.codecs import CHANGES, change_from_json, change_to_json, from_json, to_json
from tests.support import strategies
from tests.support.builders import a_grant, at
from tests.support.world import World

LAW = settings(max_examples=50, deadline=None)
CARD_CHANGES = {RaiseFence: "fence", CloseShare: "share", OpenShare: "share", LowerFence: "fence"}


@LAW
@given(st.one_of(*(st.from_type(kind) for kind in CARD_CHANGES)))
def test_every_change_comes_back_as_it_was(change: Change) -> None:
    sent = json.loads(json.dumps(change_to_json(change)))
    assert change_from_json(sent) == change
    assert sent["surface"] == CARD_CHANGES[type(change)]


@LAW
@given(st.data())
def test_every_plan_and_its_grants_come_back_as_they_were(data: st.DataObject) -> None:
    rules: Rules = data.draw(strategies.rules(strategies.GATES))
    world: World = data.draw(strategies.worlds(rules))
    card, records = data.draw(strategies.cards()), data.draw(strategies.records())
    entitled = entitle(rules, card, records, now=at(60))
    plan = replace(world.plan(rules, entitled, View(grants=(a_grant("dev"),))), changes=())
    assert from_json(Plan, json.loads(json.dumps(to_json(plan)))) == plan
    for grant in plan.grants:
        assert from_json(Grant, json.loads(json.dumps(to_json(grant)))) == grant


@LAW
@given(strategies.records())
def test_every_record_comes_back_as_it_was(records: list[ChangeRecord]) -> None:
    for record in records:
        assert from_json(ChangeRecord, json.loads(json.dumps(to_json(record)))) == record


def test_every_kind_of_change_has_a_surface() -> None:
    assert {kind for _, kind in CHANGES.values()} == set(Change.__args__) == set(CARD_CHANGES)
    assert {name: kind.__name__ for name, (_, kind) in CHANGES.items()} == {name: name for name in CHANGES}


@pytest.mark.parametrize("found", [{}, {"account": 3, "kind": "scp"}, {"account": "1", "kind": "wall"}])
def test_anything_else_is_refused(found: dict[str, object]) -> None:
    with pytest.raises((dacite.DaciteError, ValueError)):
        from_json(Fence, found)
