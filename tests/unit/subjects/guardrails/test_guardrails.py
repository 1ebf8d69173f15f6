"""The plan for a guardrail's boundaries; what goes on record, and what people are told."""

from dataclasses import replace
from typing import Any

import pytest

from stagegate.core.errors import DocumentTooLargeError
from stagegate.plans.grants import Grant, View
from stagegate.plans.record import Outcome
from stagegate.rules.guardrails import Domain, ModelRule
from stagegate.rules.names import guardrail_subjects
from stagegate.subjects.guardrails.decide import accounts_on_record
from stagegate.subjects.guardrails.denials.documents import document_of
from stagegate.subjects.guardrails.model import WorkingRole
from stagegate.surfaces.guardrails.changes import RemoveBoundary
from tests.support.builders import DEV, NOON, PROD, TEST, at, some_rules
from tests.support.guardrails import (
    ANN,
    BOB,
    CANVAS,
    DOMAIN,
    ON_DOMAIN,
    OURS,
    SCP,
    STANDS,
    THEIRS,
    a_message,
    found,
    plan,
)


class TestARoleThatCantBeCovered:
    @pytest.mark.parametrize(
        ("seen", "code", "why"),
        [
            ({"missing": frozenset({"Ann"})}, "RoleMissing", "there is no such role"),
            ({"barred": frozenset({"Ann"})}, "RoleBarred", "the member stack there doesn't name it"),
            (
                {"boundaries": {"Ann": ""}, "locked_out": {"Ann": "statement X in the policy of bucket b"}},
                "RoleLockedOut",
                "a boundary would lock it out of what it uses, as a deny with NotPrincipal hits whoever has one:"
                " statement X in the policy of bucket b",
            ),
            ({"boundaries": {"Ann": THEIRS}}, "OtherBoundary", f"found the boundary {THEIRS}, which is left alone"),
            (
                {"boundaries": {"Ann": f"arn:aws:iam::{DEV}:policy/stagegate/stagegate-read-only-cards"}},
                "OtherBoundary",
                "found the boundary arn:aws:iam::",
            ),
        ],
    )
    def test_is_a_finding_and_nothing_is_written(self, seen: dict[str, Any], code: str, why: str) -> None:
        made = plan(CANVAS, **seen)
        assert (made.changes, made.record.grants, made.outcome) == ((), (), Outcome.BLOCKED)
        assert f"Guardrail canvas isn't on role Ann of {DEV}: {why}" in found(made)[code]

    def test_is_told_with_the_profiles_that_work_with_it(self) -> None:
        made = plan(ON_DOMAIN, domains=(DOMAIN,), boundaries={"Ann": "", "Bob": THEIRS})
        assert (
            "isn't on role Bob (user profile bob of domain d-1; user profile bea of domain d-1)"
            in found(made)["ProfileUncovered"]
        )
        assert [getattr(change, "roles", None) for change in made.changes] == [("Ann",)]

    def test_is_told_once_for_one_reason(self) -> None:
        made = plan(ON_DOMAIN, domains=(DOMAIN,), barred=frozenset({"Ann", "Bob"}))
        assert [finding.code for finding in made.record.findings].count("ProfileUncovered") == 1

    def test_may_be_stagegate_s_own_as_a_domain_found_it(self) -> None:
        own = WorkingRole(arn=f"arn:aws:iam::{DEV}:role/stagegate-member-share", whose="default of domain d-1")
        made = plan(ON_DOMAIN, domains=(replace(DOMAIN, roles=(own,)),), boundaries={"stagegate-member-share": ""})
        assert "Stagegate's own roles are left out" in found(made)["ProfileUncovered"]

    def test_may_be_another_guardrail_s_which_comes_first(self) -> None:
        first = replace(CANVAS, name="studio")
        made = plan(first, ON_DOMAIN, domains=(DOMAIN,), boundaries={"Bob": ""})
        assert "isn't on role Ann" in found(made)["OtherGuardrail"]
        assert "guardrail studio comes first" in found(made)["OtherGuardrail"]


def test_a_role_that_another_guardrail_is_to_have_is_left_to_it() -> None:
    made = plan(replace(CANVAS, name="studio"), document=STANDS, holds=frozenset({"Ann"}), boundaries={})
    assert (made.changes, [grant.target for grant in made.record.grants]) == ((), [f"boundary/{DEV}"])
    assert f"stays on role Ann of {DEV} until guardrail studio takes its place" in found(made)["HandedOver"]


def test_what_was_begun_and_never_stood_is_forgotten_once() -> None:
    made = plan(view=View(written={f"boundary/{DEV}": ""}), document=None)
    assert made.changes == (RemoveBoundary(guardrail="canvas", account=DEV, partition="aws", delete=True),)
    assert plan(document=None).changes == ()


def test_a_domain_that_isn_t_there_is_a_finding() -> None:
    named = replace(ON_DOMAIN, domains=(Domain(account=DEV, id="d-2"), Domain(account=TEST)))
    details = [
        f.detail for f in plan(named, domains=(DOMAIN,), document=None).record.findings if f.code == "DomainMissing"
    ]
    assert details == [f"Account {DEV} has no domain d-2 here.", f"Account {TEST} has no domain here."]


class TestTheRecord:
    def stood(self, **more: Any) -> View:
        return View(
            grants=plan(CANVAS, document=STANDS, holds=frozenset({"Ann"}), boundaries={"Ann": OURS}).record.grants,
            **more,
        )

    def test_has_a_grant_for_each_account_since_it_is_so(self) -> None:
        (grant,) = self.stood().grants
        assert grant == Grant(
            stage="canvas",
            accounts=(DEV,),
            write=False,
            permission="boundary",
            since=NOON,
            target=f"boundary/{DEV}",
            digest=grant.digest,
        )
        seen: dict[str, Any] = {"document": STANDS, "holds": frozenset({"Ann"}), "boundaries": {"Ann": OURS}}
        again = plan(CANVAS, view=self.stood(), seconds=60, **seen)
        assert (again.record.grants, again.report, again.outcome) == (self.stood().grants, False, Outcome.UNCHANGED)

    def test_begins_anew_with_other_roles_or_another_document(self) -> None:
        both = replace(CANVAS, roles=(ANN, BOB))
        for rules in (both, replace(CANVAS, bedrock=ModelRule(deny=("*",)))):
            made = plan(
                rules,
                view=self.stood(),
                seconds=60,
                document=STANDS,
                holds=frozenset({"Ann"}),
                boundaries={"Ann": OURS, "Bob": ""},
            )
            assert [grant.since for grant in made.record.grants] == [at(60)]

    def test_says_where_to_look(self) -> None:
        view = self.stood(written={f"boundary/{TEST}": "", f"scp/{PROD}": "", "bucket-policy/1/2/3": ""})
        assert accounts_on_record(view, "boundary/") == (DEV, TEST)
        assert accounts_on_record(view, "scp/") == (PROD,)

    def test_of_one_that_is_withdrawn_is_empty_and_told_once(self) -> None:
        seen: dict[str, Any] = {"document": STANDS, "holds": frozenset({"Ann"})}
        made = plan(view=self.stood(), **seen)
        assert made.changes == (
            RemoveBoundary(guardrail="canvas", account=DEV, partition="aws", roles=("Ann",), delete=True),
        )
        assert (made.record.status, made.record.grants, set(found(made))) == ("Withdrawn", (), {"NotInRules"})
        assert not plan(view=View(last_notified_digest=made.record.last_notified_digest), document=None).report


def test_a_document_that_is_too_large_stops_the_plan() -> None:
    models = tuple(f"anthropic.claude-{number:04}" for number in range(200))
    with pytest.raises(DocumentTooLargeError, match="guardrail canvas"):
        plan(replace(CANVAS, bedrock=ModelRule(deny=models)), boundaries={"Ann": ""})


def test_people_are_told_what_it_is_on_and_how_large_it_is() -> None:
    both = plan(replace(CANVAS, roles=(ANN, BOB)), boundaries={"Ann": "", "Bob": ""})
    message = a_message(both)
    assert message.subject == "CLOSED guardrail canvas: 1 change (Active)"
    assert message.text.startswith("Guardrail canvas is Active.\nguardrail/canvas\n")
    assert f"- guardrail canvas in {DEV}: write its policy and make it the boundary of Ann, Bob\n" in message.text
    assert f"- the boundary of Ann, Bob in {DEV}: {len(STANDS)} of 6144 bytes\n" in message.text
    assert f"Who is behind it after that:\n- {DEV}: as the boundary of roles\n" in message.text
    by_scp = a_message(plan(SCP)).text
    assert f"- the service control policy of {TEST}, {PROD}: {len(document_of(SCP, 'aws'))} of 5120 bytes" in by_scp
    assert f"- {PROD}: for every role, by service control policy" in by_scp
    assert "- nobody\n" in a_message(plan(document=None)).text


def test_the_rules_name_their_guardrails_as_subjects() -> None:
    rules = replace(some_rules(), guardrails=(CANVAS, replace(SCP, name="prod")))
    assert guardrail_subjects(rules) == ("guardrail/canvas", "guardrail/prod")


def test_what_goes_up_is_shown_and_counts_as_taking_away() -> None:
    up = plan(CANVAS, boundaries={"Ann": ""})
    assert (up.grant_counts.closes, up.grant_counts.opens) == (1, 0)
    assert "what it says:" in up.decision.documents
    assert '      "Effect": "Deny",' in up.decision.documents
    down = plan(view=View(grants=up.record.grants), boundaries={"Ann": OURS}, document=STANDS)
    assert (down.grant_counts.closes, down.grant_counts.opens) == (0, 1)
