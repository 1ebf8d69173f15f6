"""A rendered document has everything of others, exactly what is wanted of ours, and fits."""

import json
from dataclasses import replace
from typing import Any

import pytest

from stagegate.core.errors import DocumentTooLargeError
from stagegate.iam.diff import diff
from stagegate.iam.encoding import encoded
from stagegate.iam.limits import BUCKET_POLICY, GROUP_POLICY, REPOSITORY_POLICY, Unit
from stagegate.iam.merge import merge, merge_listed
from stagegate.iam.read import DeadPrincipal
from stagegate.iam.render import is_changed, render
from stagegate.iam.statements import StatementError, exactly, sid_prefix_of, statement_for, to_json
from tests.support.statements import DEV, PROD, TEST, document_of, grant, root_of

BACKUP = {
    "Sid": "Backup",
    "Effect": "Allow",
    "Principal": "*",
    "Action": ["s3:GetObject"],
    "Resource": "arn:aws:s3:::b",
}
NAMELESS: dict[str, Any] = {k: v for k, v in BACKUP.items() if k != "Sid"}


def statements_of(text: str) -> list[Any]:
    listed = json.loads(text)["Statement"]
    assert isinstance(listed, list)
    return listed


def test_foreign_statements_stay_in_order_and_ours_follow() -> None:
    stale = grant(DEV, "stale")
    existing = document_of(NAMELESS, stale, BACKUP, BACKUP, Id="kept", Odd={"b": 1, "a": [2, 1]})
    rendered = render(existing, [grant()], BUCKET_POLICY)
    assert json.loads(rendered.text) == {
        "Version": "2012-10-17",
        "Id": "kept",
        "Odd": {"b": 1, "a": [2, 1]},
        "Statement": [NAMELESS, BACKUP, BACKUP, encoded(grant())],
    }
    assert (rendered.foreign, rendered.ours, rendered.changed, rendered.is_empty) == (3, 1, True, False)


def test_a_new_document_is_minified_and_measured() -> None:
    rendered = render(None, [grant()], BUCKET_POLICY)
    assert rendered.text == document_of(encoded(grant())).replace(": ", ":").replace(", ", ",")
    assert rendered.size == len(rendered.text)
    assert rendered.percent == round(rendered.size / 204.8, 1)
    assert rendered.changed


def test_the_last_statement_takes_the_policy_with_it() -> None:
    rendered = render(document_of(grant()), [], BUCKET_POLICY)
    assert (rendered.is_empty, rendered.changed) == (True, True)
    nothing = render(None, [], BUCKET_POLICY)
    assert (nothing.is_empty, nothing.changed) == (True, False)
    assert not render(document_of(BACKUP), [], BUCKET_POLICY).is_empty


def test_what_a_service_rewrites_is_no_change() -> None:
    rendered = render(document_of(BACKUP), [grant(PROD, "a", "b")], BUCKET_POLICY)
    document = json.loads(rendered.text)
    ours = document["Statement"][1]
    ours["Action"], ours["Resource"] = [ours["Action"]], ours["Resource"][::-1]
    ours["Principal"] = {"AWS": [root_of(PROD)]}
    read_back = json.dumps({**document, "Statement": [ours, BACKUP]}, indent=2)
    assert not render(read_back, [grant(PROD, "a", "b")], BUCKET_POLICY).changed
    assert not is_changed(read_back, rendered.text)


@pytest.mark.parametrize(
    "edit",
    [
        {"Action": ["s3:GetObject", "s3:PutObject"]},
        {"Principal": {"AWS": [root_of(PROD), root_of(DEV)]}},
        {"Resource": "*"},
        {"Condition": {"StringLike": {"s3:prefix": "x"}}},
        {"Principal": {"AWS": "AROAEXAMPLEEXAMPLE123"}},
    ],
)
def test_somebody_elses_edit_of_ours_is_repaired(edit: dict[str, object]) -> None:
    existing = document_of({**to_json(grant()), **edit})
    rendered = render(existing, [grant()], BUCKET_POLICY)
    assert rendered.changed
    assert statements_of(rendered.text) == [encoded(grant())]
    assert rendered.dead == ()


def test_a_doubled_statement_of_ours_is_written_once() -> None:
    rendered = render(document_of(grant(), grant()), [grant(), grant()], BUCKET_POLICY)
    assert (rendered.ours, rendered.changed) == (1, True)


def test_dead_principals_of_others_are_kept_and_named() -> None:
    foreign = {**BACKUP, "Principal": {"AWS": "AROAEXAMPLEEXAMPLE123"}}
    rendered = render(document_of(foreign), [grant()], BUCKET_POLICY)
    assert rendered.dead == (DeadPrincipal(id="AROAEXAMPLEEXAMPLE123", statement="Backup"),)
    assert statements_of(rendered.text)[0] == foreign


def test_a_document_may_be_as_large_as_its_limit_and_no_larger() -> None:
    size = render(None, [grant()], BUCKET_POLICY).size
    ways = ("declare the group's prefix", "another bucket")
    assert render(None, [grant()], replace(BUCKET_POLICY, size=size)).percent == 100
    with pytest.raises(DocumentTooLargeError) as caught:
        render(None, [grant()], replace(BUCKET_POLICY, size=size - 1, ways_out=ways))
    assert str(caught.value) == (
        f"bucket policy: {size} bytes, {100 * size / (size - 1):.1f}% of the {size - 1} that AWS takes; of these, what"
        " others have written takes 39. Nothing was written. Ways out: declare the group's prefix; another bucket."
    )


def test_others_alone_can_fill_it() -> None:
    foreign = document_of({**BACKUP, "Resource": "x" * 20_480})
    with pytest.raises(DocumentTooLargeError, match="what others have written alone takes 20,6"):
        render(foreign, [], BUCKET_POLICY)


def test_near_the_limit_the_shortest_form_is_taken() -> None:
    subsets = (("2" * 12, "3" * 12), ("1" * 12, "3" * 12), ("1" * 12, "2" * 12), ("1" * 12, "2" * 12, "3" * 12))
    grants = [grant(a, p * 200) for p, accounts in zip("abcd", subsets, strict=True) for a in accounts]
    roomy = render(None, grants, BUCKET_POLICY)
    tight = render(None, grants, replace(BUCKET_POLICY, size=roomy.size - 1))
    assert (roomy.ours, tight.ours) == (3, 4)
    assert tight.size < roomy.size


def test_a_document_that_the_last_release_wrote_stays_until_something_changes() -> None:
    """0.2.0 listed every role: an upgrade alone writes nothing, and the next change writes all of ours anew at once."""
    grants = [grant(account, roles=["Deploy"]) for account in (DEV, TEST, PROD)]
    standing = document_of(BACKUP, *merge(grants))
    unchanged = render(standing, grants, BUCKET_POLICY)
    assert not unchanged.changed
    assert json.loads(unchanged.text) == json.loads(standing)
    assert unchanged.size == len(unchanged.text) > render(document_of(BACKUP), grants, BUCKET_POLICY).size
    changed = render(standing, grants[1:], BUCKET_POLICY)
    assert changed.changed
    assert statements_of(changed.text) == [BACKUP, *map(encoded, merge(grants[1:]))]
    assert not render(changed.text, grants[1:], BUCKET_POLICY).changed


def test_what_the_last_release_wrote_near_the_limit_stays_until_something_changes() -> None:
    """Not the fewest statements, which were too long with every role listed, but the shortest."""
    subsets = (("2" * 12, "3" * 12), ("1" * 12, "3" * 12), ("1" * 12, "2" * 12), ("1" * 12, "2" * 12, "3" * 12))
    grants = [
        grant(a, p * 200, roles=["Deploy"]) for p, accounts in zip("abcd", subsets, strict=True) for a in accounts
    ]
    fewest, shortest = (document_of(*form(grants)) for form in (merge, merge_listed))
    assert len(shortest) < len(fewest)
    tight = replace(BUCKET_POLICY, size=len(fewest.replace(", ", ",").replace(": ", ":")) - 1)
    assert not render(shortest, grants, tight).changed
    assert render(shortest, grants[1:], tight).changed
    assert render(shortest, grants, BUCKET_POLICY).changed, "0.2.0 wouldn't have written it so with more room"


def test_roles_that_somebody_listed_in_a_statement_of_ours_are_written_anew() -> None:
    """Only what 0.2.0 would have written stays: of three statements it would have made one."""
    grants = [grant(account, roles=["Deploy"]) for account in (DEV, TEST, PROD)]
    rendered = render(document_of(*grants), grants, BUCKET_POLICY)
    assert (rendered.changed, rendered.ours) == (True, 1)
    assert diff(document_of(*grants), rendered, "aws")[0] == "~ the same access, written differently"


def test_what_a_service_rewrites_of_names_is_no_change() -> None:
    grants = [grant(account, roles=["Deploy"]) for account in (DEV, PROD)]
    (written,) = statements_of(render(None, grants, BUCKET_POLICY).text)
    assert written["Principal"] == {"AWS": [DEV, PROD]}
    assert written["Condition"] == {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/Deploy"}}
    condition = {"ArnLike": {"aws:PrincipalArn": ["arn:aws:iam::*:role/Deploy"]}}
    read_back = {**written, "Principal": {"AWS": [root_of(PROD), root_of(DEV)]}, "Condition": condition}
    assert not render(document_of(read_back), grants, BUCKET_POLICY).changed
    assert len(diff(document_of(read_back), render(document_of(read_back), grants, BUCKET_POLICY), "aws")) == 1


def test_near_the_limit_each_name_of_roles_gets_statements_of_its_own() -> None:
    """In development another role deploys than in the others: together they list every role, apart they needn't."""
    stages = {"Develop": [f"{n:012}" for n in range(1, 9)], "Deploy": [f"{n:012}" for n in range(11, 19)]}
    grants = [grant(account, roles=[name]) for name, accounts in stages.items() for account in accounts]
    roomy = render(None, grants, BUCKET_POLICY)
    tight = render(None, grants, replace(BUCKET_POLICY, size=roomy.size - 1))
    assert (roomy.ours, tight.ours) == (1, 2)
    named = {
        statement["Condition"]["ArnLike"]["aws:PrincipalArn"].rpartition("/")[2]: statement["Principal"]["AWS"]
        for statement in statements_of(tight.text)
    }
    assert named == stages
    assert not diff(roomy.text, tight, "aws")[0].startswith(("+", "-"))


def test_the_limits_are_awss() -> None:
    limits = (BUCKET_POLICY, GROUP_POLICY, REPOSITORY_POLICY)
    assert [(limit.size, limit.unit) for limit in limits] == [
        (20_480, Unit.BYTES),
        (20_480, Unit.CHARACTERS),
        (10_240, Unit.CHARACTERS),
    ]


def test_bytes_and_characters_are_counted_apart() -> None:
    wanted = [grant(PROD, "modèle")]
    assert render(None, wanted, BUCKET_POLICY).size == render(None, wanted, GROUP_POLICY).size + 1


def test_a_foreign_letter_that_came_escaped_stays_escaped() -> None:
    letter = "\ud83d"
    existing = document_of({"Sid": f"a{letter}b", "Effect": "Allow"})
    rendered = render(existing, [grant()], BUCKET_POLICY)
    assert json.dumps(letter).strip('"') in rendered.text
    assert statements_of(rendered.text)[0] == {"Sid": f"a{letter}b", "Effect": "Allow"}
    assert rendered.text.isascii()


def test_variables_need_a_document_that_knows_them() -> None:
    wanted = [grant(PROD, exactly("v*"))]
    assert "${*}" in render(None, wanted, BUCKET_POLICY).text
    assert "${*}" in render(document_of(BACKUP), wanted, BUCKET_POLICY).text
    with pytest.raises(StatementError, match="found Version 2008-10-17, which takes"):
        render(document_of(BACKUP, Version="2008-10-17"), wanted, BUCKET_POLICY)
    assert render(document_of(BACKUP, Version="2008-10-17"), [grant()], BUCKET_POLICY).ours == 1


def test_a_repository_policy_has_no_resource() -> None:
    pull = statement_for(PROD, None, partition="aws", actions=["ecr:BatchGetImage"], resources=None)
    assert "Resource" not in statements_of(render(None, [pull], REPOSITORY_POLICY).text)[0]


def test_another_stacks_statements_are_somebody_elses() -> None:
    """Two governance accounts may keep statements in the policy of one bucket."""
    one, other = (
        sid_prefix_of("111122223333", "us-east-1", "stagegate"),
        sid_prefix_of("999988887777", "us-east-1", "stagegate"),
    )
    first = render(None, [grant(DEV)], BUCKET_POLICY, one)
    both = render(first.text, [grant(PROD)], BUCKET_POLICY, other)
    assert (both.foreign, both.ours) == (1, 1)
    assert statements_of(both.text) == [encoded(grant(DEV), one), encoded(grant(PROD), other)]
    again = render(both.text, [], BUCKET_POLICY, one)
    assert statements_of(again.text) == [encoded(grant(PROD), other)]
    assert not render(both.text, [grant(DEV)], BUCKET_POLICY, one).changed
