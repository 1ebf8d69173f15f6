"""Laws of shared documents: the fewest statements mean what one statement per grant means; nothing of others is lost.

What a document means is asked of the sandbox's evaluator, which knows nothing of how the document was made.
"""

import json
from dataclasses import replace
from itertools import combinations
from typing import Any

import pytest
from hypothesis import Phase, assume, find, given, settings
from hypothesis import strategies as st

from stagegate.core.errors import DocumentTooLargeError
from stagegate.iam.diff import diff
from stagegate.iam.limits import BUCKET_POLICY, Limit, Unit
from stagegate.iam.merge import atoms, length, merge, merge_shortest
from stagegate.iam.read import read_policy, statement_from
from stagegate.iam.render import is_changed, narrowed, render
from stagegate.iam.statements import Effect, Statement, is_ours, to_json
from tests.property.policy_world import CONDITIONS, answers, documents, requests, requests_in_every_context, wanted
from tests.support.statements import BUCKET, DEV, OWNER, PROD, document_of, grant, root_of

LAW = settings(max_examples=60, deadline=None)
MEANING = settings(max_examples=150, deadline=None)
ASKED = 120
ROOMY = replace(BUCKET_POLICY, size=10**6)

seeds = st.integers(0, 2**32)
_ours = wanted.map(lambda made: [to_json(each) for each in made])
standing = documents(_ours)


@MEANING
@given(wanted, seeds)
def test_merged_statements_allow_exactly_what_one_statement_per_grant_allows(made: list[Statement], seed: int) -> None:
    requested = list(requests(seed, ASKED))
    as_granted = answers(document_of(*made), requested)
    assert answers(document_of(*merge(made)), requested) == as_granted
    assert answers(document_of(*merge_shortest(made)), requested) == as_granted
    assert answers(render(None, made, ROOMY).text, requested) == as_granted


@pytest.mark.parametrize("effect", Effect)
def test_any_two_conditions_mean_together_what_they_mean_apart(effect: Effect) -> None:
    requested = list(requests_in_every_context("s3:GetObject", f"{BUCKET}/churn/1"))
    everybody = frozenset([root_of(OWNER), root_of(DEV), root_of(PROD)])
    open_to_all = [] if effect is Effect.ALLOW else [replace(grant(), principals=everybody)]
    apart = [replace(grant(effect=effect, conditions=each), principals=everybody) for each in CONDITIONS]
    alone = [answers(document_of(*open_to_all, each), requested) for each in apart]
    either = any if effect is Effect.ALLOW else all
    joined = 0
    for (one, by_one), (other, by_other) in combinations(zip(apart, alone, strict=True), 2):
        merged = merge([one, other])
        if len(merged) == 1:
            joined += 1
            expected = [either(both) for both in zip(by_one, by_other, strict=True)]
            assert answers(document_of(*open_to_all, *merged), requested) == expected, (one, other)
    # Six pairs are alternatives of each other; in three, one asks for more than the other does.
    assert joined == 9


@settings(max_examples=50, deadline=None)
@given(wanted, seeds)
def test_atoms_allow_exactly_what_their_statements_allow(made: list[Statement], seed: int) -> None:
    requested = list(requests(seed, ASKED))
    parts = {part for statement in made for part in atoms(statement)}
    assert answers(document_of(*parts), requested) == answers(document_of(*made), requested)


def test_the_law_of_meaning_is_not_empty() -> None:
    def tells_apart(example: tuple[list[Statement], int]) -> bool:
        made, seed = example
        return (
            1 < len(merge(made)) < len(set(made)) - 1
            and 5 < sum(answers(document_of(*made), list(requests(seed, ASKED)))) < ASKED // 2
        )

    find(
        st.tuples(wanted, seeds),
        tells_apart,
        settings=settings(max_examples=1500, deadline=None, phases=[Phase.generate]),
    )


@LAW
@given(wanted, st.randoms(use_true_random=False))
def test_merging_knows_no_order_and_no_duplicates(made: list[Statement], choose: Any) -> None:
    shuffled = [*made, *choose.choices(made, k=3)] if made else []
    choose.shuffle(shuffled)
    assert merge(shuffled) == merge(made)
    assert render(None, shuffled, ROOMY).text == render(None, made, ROOMY).text


@LAW
@given(wanted)
def test_merging_again_changes_nothing_and_never_adds_a_statement(made: list[Statement]) -> None:
    merged = merge(made)
    assert merge(merged) == merged
    assert len(merged) <= len(set(made))
    assert length(merge_shortest(made)) <= length(merged)
    assert len(merged) <= len(merge_shortest(made))


_NAMED = [
    f"arn:aws:{service}::{account}:{name}"
    for account in (OWNER, DEV, PROD)
    for service, name in (
        ("iam", "role/Deploy"),
        ("iam", "role/Train"),
        ("iam", "user/Deploy"),
        ("sts", "assumed-role/Deploy/me"),
    )
]


@st.composite
def _named(draw: st.DrawFn) -> Statement:
    """A statement about roles, users and sessions, by their ARNs."""
    arns = draw(st.lists(st.sampled_from(_NAMED), min_size=1, max_size=6, unique=True))
    keys = draw(st.lists(st.sampled_from("abc"), min_size=1, unique=True))
    folders = draw(st.lists(st.sampled_from(["a", "b*"]), unique=True))
    conditions: dict[str, dict[str, list[str]]] = {"ArnEquals": {"aws:PrincipalArn": arns}}
    if folders:
        conditions["StringLike"] = {"s3:prefix": folders}
    accounts = frozenset(root_of(arn.split(":")[4]) for arn in arns)
    return replace(grant(PROD, *keys, conditions=conditions), principals=accounts)


@LAW
@given(st.lists(_named(), min_size=1, max_size=6))
def test_near_the_limit_nobody_by_whatever_arn_is_lost_or_let_in(made: list[Statement]) -> None:
    shortest = merge_shortest(made)
    given, requested = ([part for each in listed for part in atoms(each)] for listed in (shortest, made))
    assert merge(given) == merge(requested)
    assert merge_shortest(shortest) == shortest


@LAW
@given(standing, wanted)
def test_what_others_wrote_stays_to_the_letter(document: tuple[str, dict[str, Any], list[Any]], made: Any) -> None:
    existing, top, others = document
    rendered = render(existing, made, ROOMY)
    written = json.loads(rendered.text)
    kept = [s for s in written.pop("Statement") if not is_ours(s.get("Sid"))]
    # As text: for Python, True equals 1 and 1 equals 1.0.
    assert json.dumps(kept) == json.dumps(others)
    assert json.dumps(written) == json.dumps({k: v for k, v in top.items() if k != "Statement"})
    assert rendered.foreign == len(others)


@LAW
@given(standing, wanted)
def test_what_is_rendered_reads_back_as_what_was_wanted(document: tuple[str, Any, Any], made: Any) -> None:
    rendered = render(document[0], made, ROOMY)
    ours = [statement_from(raw, "aws") for raw in read_policy(rendered.text).ours]
    assert tuple(ours) == merge(made)
    assert len(ours) == rendered.ours
    sids = [raw["Sid"] for raw in read_policy(rendered.text).ours]
    assert len(set(sids)) == len(sids)


@LAW
@given(standing, wanted)
def test_rendering_again_changes_nothing(document: tuple[str, Any, Any], made: Any) -> None:
    once = render(document[0], made, ROOMY)
    twice = render(once.text, made, ROOMY)
    assert (twice.text, twice.changed) == (once.text, False)
    assert once.changed == is_changed(document[0], once.text)
    assert len(diff(once.text, twice, "aws")) == 1


@LAW
@given(standing)
def test_wanting_nothing_leaves_exactly_the_foreign(document: tuple[str, dict[str, Any], list[Any]]) -> None:
    existing, _, others = document
    rendered = render(existing, [], ROOMY)
    assert json.dumps(json.loads(rendered.text)["Statement"]) == json.dumps(others)
    assert rendered.is_empty == (not others)
    assert rendered.changed == bool(read_policy(existing).ours)


@LAW
@given(standing, wanted, st.integers(40, 4000), st.sampled_from(Unit))
def test_no_document_passes_its_limit(document: tuple[str, Any, Any], made: Any, size: int, unit: Unit) -> None:
    limit = Limit(name="policy", size=size, unit=unit)
    bare = render(document[0], [], replace(limit, size=10**6))
    try:
        rendered = render(document[0], made, limit)
    except DocumentTooLargeError:
        # Nothing is refused that has room in the shortest form we know; `length` counts a comma for each statement.
        assert bare.size + length(merge_shortest(made)) - (bool(made) and not bare.foreign) > size
    else:
        counted = len(rendered.text.encode()) if unit is Unit.BYTES else len(rendered.text)
        assert counted == rendered.size <= size


@LAW
@given(standing, wanted)
def test_a_difference_is_shown_exactly_when_access_differs(document: tuple[str, Any, Any], made: Any) -> None:
    existing = document[0]
    before = {a for raw in read_policy(existing).ours for a in atoms(statement_from(raw))}
    after = {a for statement in merge(made) for a in atoms(statement)}
    signs = {line[0] for line in diff(existing, render(existing, made, ROOMY), "aws")} - {"=", "~"}
    assert signs == ({"-"} if before - after else set()) | ({"+"} if after - before else set())


@MEANING
@given(wanted, st.data(), seeds)
def test_a_full_document_gives_up_what_is_closed_and_gains_nothing(
    made: list[Statement], data: st.DataObject, seed: int
) -> None:
    """Whatever is taken out of a document that has no room left: what stands fits, and nobody has more than wanted."""
    full = render(None, made, ROOMY)
    limit = replace(BUCKET_POLICY, size=full.size)
    rest = [each for each in made if data.draw(st.booleans())]
    denies = [each for each in rest if each.effect is Effect.DENY]
    assume(render(None, denies, ROOMY).size <= limit.size)
    kept, lost = narrowed(full.text, rest, limit, "aws")
    shrunk = render(full.text, kept, limit)
    asked = list(requests(seed, ASKED))
    has, may = answers(shrunk.text, asked), answers(document_of(*rest), asked)
    assert not any(one and not other for one, other in zip(has, may, strict=True))
    assert lost or has == may
