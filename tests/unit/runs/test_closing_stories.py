"""Each story in which something closes, with each single failure and each pair of failures of its closes.

What isn't refused is closed and off the record, the run's error names what is left, for whom and why, and the next
plan asks for exactly that, and finishes. The plans, the wire and the step `record` are the real ones; the state
machine's Map is played, and applying is a value that changes (`after`).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any, Protocol

import pytest

from stagegate.approvals.kept import Head
from stagegate.aws.environment import Environment
from stagegate.aws.json import to_json
from stagegate.core.errors import StillOpenError
from stagegate.ledger import items, read
from stagegate.plans.change import Change
from stagegate.plans.grants import View
from stagegate.plans.plan import Plan
from stagegate.rules.guardrails import DirectDeployment, Domain
from stagegate.rules.hubs import HubRules
from stagegate.rules.model import Bucket
from stagegate.runs.record import record
from stagegate.subjects.guardrails.decide import Observed as SeenGuardrail
from stagegate.subjects.guardrails.decide import guardrail_plan
from stagegate.subjects.guardrails.denials.documents import document_of
from stagegate.subjects.guardrails.model import ObservedBoundaries, ObservedDomain
from stagegate.subjects.hubs.curate import Curated
from stagegate.subjects.hubs.decide import hub_plan
from stagegate.subjects.hubs.model import Observed as SeenHub
from stagegate.subjects.hubs.model import ObservedPublicHub, Sharing
from stagegate.surfaces.fences.model import EXCEPTED, fence_of
from stagegate.surfaces.guardrails.changes import PutBoundary, SetDirectDeployment
from stagegate.surfaces.hub_contents.changes import SetReferences
from stagegate.surfaces.shares.changes import CloseShare, ObservedShares
from stagegate.surfaces.wire import change_to_json
from tests.support import imports, packages
from tests.support.builders import (
    CARD_ARN,
    DEV,
    DRAFT,
    NOON,
    PENDING,
    PROD,
    TEST,
    a_basis,
    a_fence,
    a_grant,
    a_share,
    entitled_to,
    reads,
    recorded_by,
    share_arn,
    some_rules,
    writes,
)
from tests.support.buses import Buses
from tests.support.guardrails import ANN, CANVAS, DOMAIN, the_guardrail
from tests.support.hubs import HUB_ARN, a_hub, a_reference, hub_rules, rules_with, the_hub_subject
from tests.support.scripted import Scripted
from tests.support.world import World


class Story(Protocol):
    """What a plan looks at, as a value."""

    def plan(self, view: View) -> Plan: ...

    def after(self, change: Change) -> "Story": ...


@dataclass(frozen=True)
class Card:
    """Dev loses the right to write, test and prod lose the card."""

    world: World

    def plan(self, view: View) -> Plan:
        return self.world.plan(CARD_RULES, entitled_to(reads("dev")), view)

    def after(self, change: Change) -> "Card":
        return Card(self.world.after(change))


CARD_RULES = some_rules(
    opens={DRAFT: (writes("dev"), reads("test"), reads("prod")), PENDING: (reads("dev"),)}, approvers=()
)
CARD = Card(
    World(
        shares=(a_share("dev", DEV), a_share("test", TEST), a_share("prod", PROD)),
        associations=dict.fromkeys([share_arn("dev-0"), share_arn("test-0"), share_arn("prod-0")], "ASSOCIATED"),
        fences={
            DEV: a_fence(fence_of(CARD_RULES, DEV), CARD_ARN),
            TEST: a_fence(fence_of(CARD_RULES, TEST)),
            PROD: a_fence(fence_of(CARD_RULES, PROD)),
        },
        desired_texts={DEV: frozenset({CARD_ARN})},
        notes={DEV: EXCEPTED},
    )
)
CARD_OPEN = View(grants=(a_grant("dev", DEV, write=True), a_grant("test", TEST), a_grant("prod", PROD)))


@dataclass(frozen=True)
class Package:
    """The package was rejected; the record says where it is open."""

    def plan(self, view: View) -> Plan:
        return packages.the_plan(PACKAGE_RULES, package=packages.a_package(packages.REJECTED, *CONTAINERS), view=view)

    def after(self, _: Change) -> "Package":
        return self


KEY = f"arn:aws:kms:us-east-1:{DEV}:key/11111111-1111-1111-1111-111111111111"
OTHER_DATA = replace(packages.DATA, bucket="model-artifacts-tests")
CONTAINERS = (replace(packages.CONTAINER, data_uris=(packages.DATA, OTHER_DATA)),)
PACKAGE_RULES = packages.package_rules(
    opens={packages.APPROVED: ("prod",)},
    buckets=[Bucket(name=packages.BUCKET, account=DEV, key=KEY), Bucket(name=OTHER_DATA.bucket, account=TEST)],
)
PACKAGE_OPEN = recorded_by(
    packages.the_plan(PACKAGE_RULES, "prod", package=packages.a_package(packages.APPROVED, *CONTAINERS))
)


@dataclass(frozen=True)
class Import(Package):
    """An approved package's import was withdrawn: role, bucket, keys and the model."""

    def plan(self, view: View) -> Plan:
        rules = replace(imports.import_rules(source_key=imports.SOURCE_KEY), imports=())
        return packages.the_plan(rules, package=imports.importable(), view=view)


IMPORT_OPEN = View(
    grants=tuple(
        replace(a_grant(each.stage, PROD), share_arn=None, target=each.target.id, digest=each.digest)
        for each in imports.wants_for(imports.import_rules(source_key=imports.SOURCE_KEY, key=imports.MODEL_KEY))
    )
)


@dataclass(frozen=True)
class Hub:
    """The rules let one model go, hold another back to newer versions, and share the hub with nobody any more."""

    references: tuple[str, ...] = ("gone", "kept")
    shared: tuple[str, ...] = ("dev", "prod")
    minimum: str = "1.0.0"

    def plan(self, view: View) -> Plan:
        entry: HubRules = hub_rules(most_removed_percent=100)
        references = [a_reference(n, minimum=self.minimum if n == "kept" else None) for n in self.references]
        seen = SeenHub(
            entry=entry,
            hub=a_hub(*references),
            sharing=Sharing(seen=ObservedShares(shares=()), closes=tuple(_closing(stage) for stage in self.shared)),
        )
        public = ObservedPublicHub(
            curated=Curated(models={"kept": "2.0.0"}, remarks={}, missing={}), names=frozenset({"gone", "kept"})
        )
        return hub_plan(a_basis(rules_with(entry), view, subject=the_hub_subject()), seen, public)

    def after(self, change: Change) -> "Hub":
        match change:
            case CloseShare():
                return replace(self, shared=tuple(stage for stage in self.shared if stage != change.stage))
            case SetReferences(remove=()):
                return replace(self, minimum="2.0.0")
            case SetReferences():
                return replace(self, references=tuple(n for n in self.references if n not in change.remove))
        raise TypeError(change)


def _closing(stage: str) -> CloseShare:
    return CloseShare(stage=stage, share_arn=share_arn(f"{stage}-0"), subject_arn=HUB_ARN)


HUB_OPEN = View(grants=(a_grant("dev", DEV), a_grant("prod", PROD)), planner_state={"seen": NOON.isoformat()})


@dataclass(frozen=True)
class Guardrail:
    """It goes up in two accounts, and Canvas's direct deployment goes off in one."""

    on: tuple[str, ...] = ()
    domains: tuple[ObservedDomain, ...] = (DOMAIN,)

    def plan(self, view: View) -> Plan:
        rules = replace(some_rules(), guardrails=(GUARDRAIL,))
        names = {DEV: ("Ann", "Bob"), PROD: ("Ann",)}
        boundaries = {
            account: ObservedBoundaries(
                document=document_of(GUARDRAIL, "aws") if account in self.on else None,
                holds=frozenset(names[account] if account in self.on else ()),
                boundaries=dict.fromkeys(names[account], _ours(account) if account in self.on else ""),
            )
            for account in (DEV, PROD)
        }
        seen = SeenGuardrail(prefix="stagegate", boundaries=boundaries, domains=self.domains)
        return guardrail_plan(a_basis(rules, view, subject=the_guardrail()), seen)

    def after(self, change: Change) -> "Guardrail":
        match change:
            case PutBoundary():
                return replace(self, on=(*self.on, change.account))
            case SetDirectDeployment():
                (domain,) = self.domains
                off = tuple(
                    replace(each, direct_deployment=change.status) if each.profile == change.profile else each
                    for each in domain.canvas
                )
                return replace(self, domains=(replace(domain, canvas=off),))
        raise TypeError(change)


GUARDRAIL = replace(
    CANVAS,
    roles=(ANN, ANN.replace(DEV, PROD)),
    domains=(Domain(account=DEV),),
    direct_deployment=DirectDeployment.OFF,
)


def _ours(account: str) -> str:
    return f"arn:aws:iam::{account}:policy/stagegate/stagegate-guardrail-canvas"


STORIES: dict[str, tuple[Story, View]] = {
    "a card is rejected": (CARD, CARD_OPEN),
    "a package is rejected": (Package(), PACKAGE_OPEN),
    "an import is withdrawn": (Import(), IMPORT_OPEN),
    "a hub loses a model and its shares": (Hub(), HUB_OPEN),
    "a guardrail goes up": (Guardrail(), View()),
}
CASES = [
    pytest.param(name, failing, id=f"{name}: {failing}")
    for name, (story, view) in STORIES.items()
    for size in range(3)
    for failing in combinations(range(sum(change.closes for change in story.plan(view).changes)), size)
]


def closes_of(plan: Plan) -> list[Change]:
    """What closes, which is what comes first."""
    closes = [change for change in plan.changes if change.closes]
    assert list(plan.changes[: len(closes)]) == closes
    return closes


def ended(plan: Plan, before: View, failing: Iterable[int], environment: Environment) -> tuple[str, View]:
    """What a run says that could not make some of its closes, and what is on record then."""
    closes = closes_of(plan)
    results: list[dict[str, Any]] = [
        {"not_closed": {"error": "RefusedError", "cause": f"refused {n}"}} if n in failing else {}
        for n in range(len(closes))
    ]
    dynamodb = Scripted("dynamodb", TransactWriteItems={})
    request = {
        "record": to_json(plan.record),
        "grants": [to_json(grant) for grant in plan.record.grants],
        "lines": [change.line() for change in plan.changes],
        "changes": [change_to_json(change) for change in plan.changes],
        "results": results,
        "before": {
            "grants": [to_json(grant) for grant in before.grants],
            "planner_state": dict(before.planner_state),
            "sequence": 0,
            "unsaid": [],
            "chain": to_json(Head()),
            "is_first": False,
        },
        "labels": {"kind": ["CLOSED"], "subject_type": plan.record.subject.kind},
        "told": True,
        "execution": "run",
        "round": 0,
        "at": NOON.isoformat(),
    }
    said = ""
    try:
        record(dynamodb.client, environment, request, Buses().client)
    except StillOpenError as error:
        said = str(error)
    (transaction,) = dynamodb.of("TransactWriteItems")
    put = [each["Put"]["Item"] for each in transaction["TransactItems"] if "Put" in each]
    view = next(item for item in put if item["sk"]["S"] == items.VIEW)
    recorded = read.read(
        Scripted("dynamodb", Query={"Items": [view]}).client,
        "ledger",
        plan.record.subject.arn,
        read.Reading(execution="run", has_approvals=False, is_withdrawn=False),
    )
    return said, recorded.view


def all_after(story: Story, changes: Iterable[Change]) -> Story:
    for change in changes:
        story = story.after(change)
    return story


def lines(changes: Sequence[Change]) -> list[str]:
    return sorted(change.line() for change in changes)


def test_each_story_has_something_that_closes() -> None:
    counts = {name: len(closes_of(story.plan(view))) for name, (story, view) in STORIES.items()}
    assert counts == {
        "a card is rejected": 3,
        "a package is rejected": 5,
        "an import is withdrawn": 4,
        "a hub loses a model and its shares": 4,
        "a guardrail goes up": 4,
    }


@pytest.mark.parametrize(("name", "failing"), CASES)
def test_what_fails_is_named_and_nothing_else_stays_open(
    environment: Environment, name: str, failing: tuple[int, ...]
) -> None:
    story, before = STORIES[name]
    first = story.plan(before)
    closes = closes_of(first)
    failed = [closes[n] for n in failing]
    said, view = ended(first, before, failing, environment)
    assert lines(failed) == sorted(
        line.removeprefix("- ").partition(": RefusedError")[0].partition("; open for")[0] for line in said.splitlines()
    )
    assert all(f"RefusedError: refused {n}" in said for n in failing)
    places = {place for change in failed for place in change.places}
    for grant in before.grants:
        if {grant.target, grant.share_arn} & places:
            assert grant in view.grants, "what could not be closed is still on record"
            assert f"open for {grant.stage} (" in said
    story = all_after(story, (change for change in closes if change not in failed))
    again = story.plan(view)
    assert lines(closes_of(again)) == lines(failed), "the next event or sweep tries just these again"
    said, view = ended(again, view, (), environment)
    assert said == ""
    assert closes_of(all_after(story, failed).plan(view)) == []
