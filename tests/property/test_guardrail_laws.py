"""However the rules change, and in whatever order guardrails are looked at: none is lowered before the next stands."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from hypothesis import given, settings
from hypothesis import strategies as st

from stagegate.plans.plan import Plan
from stagegate.rules.guardrails import Access, Domain, Guardrail, GuardrailKind, ModelRule
from stagegate.rules.names import name_of_role, policy_arn
from stagegate.subjects.guardrails.conflicts import assignments_on
from stagegate.subjects.guardrails.decide import Observed, guardrail_plan
from stagegate.subjects.guardrails.model import ObservedBoundaries, ObservedDomain, WorkingRole
from stagegate.surfaces.guardrails.changes import PutBoundary, RemoveBoundary
from tests.support.builders import DEV, a_basis, some_rules
from tests.support.guardrails import the_guardrail

LAW = settings(max_examples=150, deadline=None)
NAMES = ("canvas", "studio", "labs")
ROLES = ("Ann", "Bob", "Cat", "Dan")
THEIRS = f"arn:aws:iam::{DEV}:policy/theirs"
DOMAIN = ObservedDomain(
    account=DEV,
    id="d-1",
    roles=tuple(WorkingRole(arn=f"arn:aws:iam::{DEV}:role/{role}", whose=f"user profile {role}") for role in ROLES[2:]),
)


@dataclass(frozen=True)
class World:
    """Each role's boundary ("" for none), and what each guardrail's policy says."""

    boundaries: Mapping[str, str]
    documents: Mapping[str, str]

    def observed(self, name: str) -> Observed:
        arn = policy_arn("stagegate", name, DEV, "aws")
        seen = ObservedBoundaries(
            document=self.documents.get(name),
            holds=frozenset(role for role, boundary in self.boundaries.items() if boundary == arn),
            boundaries=self.boundaries,
        )
        return Observed(prefix="stagegate", boundaries={DEV: seen}, domains=(DOMAIN,))

    def after(self, plan: Plan) -> "World":
        boundaries, documents = dict(self.boundaries), dict(self.documents)
        for change in plan.changes:
            assert isinstance(change, PutBoundary | RemoveBoundary)
            arn = policy_arn("stagegate", change.guardrail, DEV, "aws")
            if isinstance(change, PutBoundary):
                documents[change.guardrail] = change.document or documents[change.guardrail]
                boundaries |= dict.fromkeys(change.roles, arn)
            else:
                boundaries |= dict.fromkeys(change.roles, "")
                if change.delete:
                    assert arn not in boundaries.values()
                    documents.pop(change.guardrail, None)
        return replace(self, boundaries=boundaries, documents=documents)


def plan(world: World, name: str, guardrails: tuple[Guardrail, ...]) -> Plan:
    rules = replace(some_rules(), guardrails=guardrails)
    return guardrail_plan(a_basis(rules, subject=the_guardrail(name)), world.observed(name))


@st.composite
def guardrails(draw: st.DrawFn) -> tuple[Guardrail, ...]:
    """Some of the guardrails, on some of the roles, one of them perhaps on the domain."""
    names = draw(st.lists(st.sampled_from(NAMES), unique=True))
    return tuple(
        Guardrail(
            name=name,
            by=GuardrailKind.BOUNDARY,
            roles=tuple(f"arn:aws:iam::{DEV}:role/{role}" for role in draw(st.sets(st.sampled_from(ROLES)))),
            domains=(Domain(account=DEV),) if draw(st.booleans()) else (),
            public_hub=draw(st.sampled_from(Access)),
            bedrock=draw(st.sampled_from([None, ModelRule(deny=("*",))])),
        )
        for name in names
    )


STARTS = st.fixed_dictionaries({role: st.sampled_from(["", THEIRS]) for role in ROLES})
ORDERS = st.lists(st.permutations(NAMES), min_size=3, max_size=3)


@LAW
@given(STARTS, st.lists(guardrails(), min_size=1, max_size=3), ORDERS)
def test_guardrails_come_to_what_the_rules_say_and_leave_no_gap(
    start: dict[str, str], history: list[tuple[Guardrail, ...]], orders: list[list[str]]
) -> None:
    world = World(boundaries=start, documents={})
    for rules in history:
        assignments = assignments_on(rules, DEV, [DOMAIN])
        for name in (name for order in orders for name in order):
            before, world = world, world.after(plan(world, name, rules))
            for role, boundary in before.boundaries.items():
                assert boundary != THEIRS or world.boundaries[role] == THEIRS
                assert not (boundary and role in assignments) or world.boundaries[role]
        for role in ROLES:
            ours = policy_arn("stagegate", assignments[role][0].guardrail, DEV, "aws") if role in assignments else ""
            assert world.boundaries[role] == (THEIRS if start[role] == THEIRS else ours)
        covered = {name_of_role(arn) for arn in world.boundaries.values()} - {"", "theirs"}
        assert {f"stagegate-guardrail-{name}" for name in world.documents} == covered
        for name in NAMES:
            assert plan(world, name, rules).changes == ()
