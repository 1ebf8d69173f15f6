"""A guardrail called `canvas`, and its plan from what is seen of it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from stagegate.core.arns import Subject
from stagegate.core.messages.mail import Message
from stagegate.plans.grants import View
from stagegate.plans.messages import message_of
from stagegate.plans.plan import Plan
from stagegate.plans.wording import Planned
from stagegate.rules.guardrails import Access, Domain, Guardrail, GuardrailKind
from stagegate.rules.names import policy_arn
from stagegate.subjects.guardrails.decide import Observed, guardrail_plan
from stagegate.subjects.guardrails.denials.documents import document_of
from stagegate.subjects.guardrails.messages import wording
from stagegate.subjects.guardrails.model import (
    CanvasSetting,
    ObservedBoundaries,
    ObservedDomain,
    ObservedScp,
    WorkingRole,
)
from stagegate.subjects.registry import SUBJECTS, subject_named
from tests.support.builders import DEV, GOVERNANCE, PROD, TEST, a_basis, some_rules

ANN, BOB = (f"arn:aws:iam::{DEV}:role/{name}" for name in ("Ann", "team/Bob"))
THEIRS = f"arn:aws:iam::{DEV}:policy/theirs"
CANVAS = Guardrail(name="canvas", by=GuardrailKind.BOUNDARY, roles=(ANN,), public_hub=Access.DENY)
ON_DOMAIN = replace(CANVAS, roles=(), domains=(Domain(account=DEV),))
SCP = Guardrail(name="canvas", by=GuardrailKind.SCP, accounts=(PROD, TEST), public_hub=Access.DENY)
OURS = policy_arn("stagegate", "canvas", DEV, "aws")
STANDS = document_of(CANVAS, "aws")
DOMAIN = ObservedDomain(
    account=DEV,
    id="d-1",
    roles=(
        WorkingRole(arn=ANN, whose="default of domain d-1"),
        WorkingRole(arn=BOB, whose="user profile bob of domain d-1"),
        WorkingRole(arn=BOB, whose="user profile bea of domain d-1"),
    ),
    canvas=(
        CanvasSetting(profile=None, direct_deployment="ENABLED"),
        CanvasSetting(profile="bea", direct_deployment=None),
        CanvasSetting(profile="bob", direct_deployment="ENABLED"),
    ),
)


def plan(
    *guardrails: Guardrail,
    view: View | None = None,
    seconds: float = 0,
    scp: ObservedScp | None = None,
    domains: tuple[ObservedDomain, ...] = (),
    role_path: str = "/",
    **boundaries: Any,
) -> Plan:
    """The plan for `canvas`; keywords that aren't named are what is seen in the dev account."""
    seen = {DEV: ObservedBoundaries(**boundaries)} if boundaries else {}
    rules = replace(some_rules(), guardrails=guardrails)
    observed = Observed(
        prefix="stagegate", role_path=role_path, boundaries=seen, scp=scp or ObservedScp(), domains=domains
    )
    return guardrail_plan(a_basis(rules, view, subject=the_guardrail(), seconds=seconds), observed)


def the_guardrail(name: str = "canvas") -> Subject:
    """A guardrail as a subject."""
    return subject_named(f"guardrail/{name}", partition="aws", region="us-east-1", account=GOVERNANCE)


def a_message(plan: Plan) -> Message:
    """What people are told of its plan."""
    return message_of(Planned(plan=plan, wording=wording(plan.decision)), SUBJECTS["guardrail"].can)


def found(made: Plan) -> Mapping[str, str]:
    """What was found, by its code."""
    return {finding.code: finding.detail for finding in made.record.findings}
