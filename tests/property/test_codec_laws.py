"""Our own values survive the way through the state machine's JSON."""

import copy
import json
import pkgutil
from dataclasses import is_dataclass
from importlib import import_module
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import stagegate.surfaces
import stagegate.targets
from stagegate.approvals.records import AuditRecord
from stagegate.aws.json import from_json, to_json
from stagegate.core.errors import PlannedByAnotherReleaseError
from stagegate.iam.key_grants import KeyUse
from stagegate.iam.statements import Condition, statement_for
from stagegate.plans.change import Change
from stagegate.plans.grants import Grant, View
from stagegate.plans.record import Record
from stagegate.rules.model import Rules
from stagegate.subjects.cards.entitle import entitle
from stagegate.surfaces.fences.model import AllowWrites, DenyWrites, RemoveFence
from stagegate.surfaces.guardrails.changes import GuardrailChange, PutScp, RemoveScp
from stagegate.surfaces.hub_contents.changes import MakeHub, RemoveContents, RemoveHub, RemoveOwn, SetReferences
from stagegate.surfaces.shares.changes import CloseShare, OpenShare, RemoveShare
from stagegate.surfaces.shares.repairs import LimitShare, MarkShare
from stagegate.surfaces.wire import change_from_json, change_to_json
from stagegate.targets.hub_content import HubContent
from stagegate.targets.target import CloseTarget, OpenTarget, Target, TargetType, target_of
from tests.property import strategies
from tests.support.builders import CARD_ARN, DEV, PROD, a_grant, asked_about, at
from tests.support.world import World

LAW = settings(max_examples=50, deadline=None)
CARD_CHANGES = {
    **dict.fromkeys((DenyWrites, AllowWrites), "fence"),
    **dict.fromkeys((CloseShare, OpenShare, LimitShare, MarkShare), "share"),
}
PACKAGE_CHANGES = {CloseTarget: "policy", OpenTarget: "policy"}
GUARDRAIL_CHANGES: dict[type[Change], str] = {
    **dict.fromkeys(GuardrailChange.__args__, "boundary"),
    **dict.fromkeys((PutScp, RemoveScp), "fence"),
}
HUB_CHANGES: dict[type[Change], str] = dict.fromkeys(
    (MakeHub, SetReferences, RemoveOwn, RemoveContents, RemoveHub), "hub"
)
ACCOUNT_CHANGES: dict[type[Change], str] = {RemoveFence: "fence", RemoveShare: "share"}
KINDS: tuple[type[Change], ...] = (
    *CARD_CHANGES,
    *PACKAGE_CHANGES,
    *GUARDRAIL_CHANGES,
    *HUB_CHANGES,
    *ACCOUNT_CHANGES,
)

TARGETS = st.builds(
    Target,
    type=st.sampled_from(TargetType),
    account=st.sampled_from([DEV, PROD]),
    region=st.just("us-east-1"),
    partition=st.just("aws"),
    name=st.sampled_from(["churn", "team/churn", f"arn:aws:kms:us-east-1:{DEV}:key/0123"]),
)
STATEMENTS = st.builds(
    statement_for,
    st.just(PROD),
    st.sampled_from([None, (f"arn:aws:iam::{PROD}:role/ModelOperator", f"arn:aws:iam::{PROD}:role/Other")]),
    partition=st.just("aws"),
    actions=st.sampled_from([["s3:GetObject"], ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]]),
    resources=st.sampled_from([None, ["arn:aws:s3:::b/one", "arn:aws:s3:::b/two"]]),
    conditions=st.sampled_from(
        [(), [Condition(operator="StringLike", key="s3:prefix", values=frozenset({"a*", "b*"}))]]
    ),
)
OPENS = st.builds(
    OpenTarget,
    subject_arn=st.just(CARD_ARN),
    target=TARGETS,
    statements=st.lists(STATEMENTS, max_size=3).map(tuple),
    uses=st.lists(
        st.builds(
            KeyUse,
            grantee=st.sampled_from([f"arn:aws:iam::{PROD}:root", f"arn:aws:iam::{DEV}:root"]),
            context=st.sampled_from([(), (("aws:sagemaker:model-card-arn", "x"),)]),
        )
    ).map(tuple),
    content=st.none() | st.from_type(HubContent),
)
CLOSES = st.builds(CloseTarget, subject_arn=st.just(CARD_ARN), target=TARGETS)


@LAW
@given(st.one_of(*(st.from_type(kind) for kind in CARD_CHANGES)))
def test_every_change_comes_back_as_it_was(change: Change) -> None:
    sent = json.loads(json.dumps(change_to_json(change)))
    assert change_from_json(sent, KINDS) == change
    assert sent["surface"] == CARD_CHANGES[type(change)]


@LAW
@given(st.one_of(OPENS, CLOSES))
def test_every_change_of_a_package_comes_back_as_it_was(change: OpenTarget | CloseTarget) -> None:
    sent = json.loads(json.dumps(change_to_json(change)))
    assert change_from_json(sent, KINDS) == change
    alone = {
        TargetType.IMPORT_ROLE: "import-role",
        TargetType.MODEL_IMPORT: "import",
        TargetType.HUB_CONTENT: "hub",
    }
    assert sent["surface"] == alone.get(change.target.type, PACKAGE_CHANGES[type(change)])
    assert change_to_json(change_from_json(sent, KINDS)) == change_to_json(change)


@LAW
@given(st.one_of(*(st.from_type(kind) for kind in GUARDRAIL_CHANGES)))
def test_every_change_of_a_guardrail_comes_back_as_it_was(change: Change) -> None:
    sent = json.loads(json.dumps(change_to_json(change)))
    assert change_from_json(sent, KINDS) == change
    assert sent["surface"] == GUARDRAIL_CHANGES[type(change)]


@given(st.one_of(*(st.from_type(kind) for kind in HUB_CHANGES)))
def test_every_change_of_a_hub_comes_back_as_it_was(change: Change) -> None:
    sent = json.loads(json.dumps(change_to_json(change)))
    assert change_from_json(sent, KINDS) == change
    assert sent["surface"] == HUB_CHANGES[type(change)]


@given(st.one_of(*(st.from_type(kind) for kind in ACCOUNT_CHANGES)))
def test_every_change_of_an_account_comes_back_as_it_was(change: Change) -> None:
    sent = json.loads(json.dumps(change_to_json(change)))
    assert change_from_json(sent, KINDS) == change
    assert sent["surface"] == ACCOUNT_CHANGES[type(change)]


@LAW
@given(TARGETS)
def test_every_target_is_known_by_its_id(target: Target) -> None:
    assert target_of(target.id, "aws") == target


@LAW
@given(st.data())
def test_what_a_plan_records_and_its_grants_come_back_as_they_were(data: st.DataObject) -> None:
    rules: Rules = data.draw(strategies.rules(strategies.GATES))
    world: World = data.draw(strategies.worlds(rules))
    card, records = data.draw(strategies.cards()), data.draw(strategies.records())
    entitled = entitle(rules, card, records, questions=asked_about(records), now=at(60))
    record = world.plan(rules, entitled, View(grants=(a_grant("dev"),))).record
    assert from_json(Record, json.loads(json.dumps(to_json(record)))) == record
    for grant in record.grants:
        assert from_json(Grant, json.loads(json.dumps(to_json(grant)))) == grant


@LAW
@given(strategies.records())
def test_every_record_comes_back_as_it_was(records: list[AuditRecord]) -> None:
    for record in records:
        assert from_json(AuditRecord, json.loads(json.dumps(to_json(record)))) == record


def test_every_kind_of_change_is_among_them() -> None:
    packages = (stagegate.surfaces, stagegate.targets)
    modules = [
        import_module(each.name) for p in packages for each in pkgutil.walk_packages(p.__path__, f"{p.__name__}.")
    ]
    named: set[Any] = {value for module in modules for value in vars(module).values() if isinstance(value, type)}
    found: set[object] = {
        kind for kind in named if is_dataclass(kind) and hasattr(kind, "surface") and hasattr(kind, "line")
    }
    assert found == set(KINDS)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every object of our own in a JSON value, by the way to it: those with a field that Python could name."""
    found = [path] if isinstance(value, dict) and value and all(str(name).isidentifier() for name in value) else []
    below = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [*found, *(place for name, each in below for place in places(each, (*path, name)))]


@LAW
@given(OPENS, st.data())
def test_a_field_more_or_less_at_any_depth_is_refused_by_name(change: Change, data: st.DataObject) -> None:
    sent = json.loads(json.dumps(change_to_json(change)))
    for is_more in (True, False):
        spoilt = copy.deepcopy(sent)
        at_ = data.draw(st.sampled_from(places(spoilt["change"])))
        found = spoilt["change"]
        for name in at_:
            found = found[name]
        if is_more:
            found["renamed"] = 1
        else:
            del found[data.draw(st.sampled_from(sorted(found)))]
        with pytest.raises(PlannedByAnotherReleaseError):
            change_from_json(spoilt, KINDS)


def test_a_change_of_another_surface_is_refused() -> None:
    with pytest.raises(PlannedByAnotherReleaseError, match="OpenShare is none of DenyWrites, AllowWrites"):
        change_from_json({"kind": "OpenShare", "change": {}}, (DenyWrites, AllowWrites))
