"""A document as it is written gives exactly what one with every role listed gives, by two evaluators."""

import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from itertools import product

from stagegate.iam.encoding import encoded
from stagegate.iam.limits import BUCKET_POLICY
from stagegate.iam.merge import merge_shortest
from stagegate.iam.render import render
from stagegate.iam.statements import Statement
from tests.support.evaluators import ALLOWED, LACKING, Question, ours, theirs
from tests.support.generated import lookalikes
from tests.support.statements import BUCKET, DEV, OWNER, PROD, TEST, document_of, grant, role_in

STRANGER = "888800001111"
NAMES = ("Deploy", "team/Deploy", "Serve")
ACTIONS = ("s3:GetObject", "s3:GetObjectAcl")
PREFIXES = ("churn", "fraud")
WORLDS = 40
ASKED = 30


def asks(role: str, action: str, prefix: str, document: str) -> Question:
    return Question(
        role=role, action=action, resource=f"{BUCKET}/{prefix}/m.tar", account=OWNER, resource_policy=document
    )


@cache
def grants_of(seed: int) -> tuple[Statement, ...]:
    """Grants as surfaces make them, many of them alike: for roles of an account, or for all of it."""
    choose = random.Random(seed)  # noqa: S311  # a choice of examples, no secret
    whole = [tuple(sorted(choose.sample(NAMES, choose.randint(1, 3)))) for _ in range(2)]
    return tuple(
        grant(
            choose.choice([DEV, TEST, PROD]),
            choose.choice(PREFIXES),
            roles=choose.choice([*[whole[0]] * 6, whole[1], None]),
            actions=[choose.choice(ACTIONS)],
        )
        for _ in range(choose.randint(4, 14))
    )


def written(made: Sequence[Statement]) -> Iterator[str]:
    """The ways in which it may come to stand in a document."""
    yield render(None, made, BUCKET_POLICY).text
    yield document_of(*map(encoded, merge_shortest(made)))


def is_wanted(made: Sequence[Statement], role: str, action: str, prefix: str) -> bool:
    """What the grants say, without any policy."""
    account = role.split(":")[4]
    return any(
        each.principals == {f"arn:aws:iam::{account}:root"}
        and action in each.actions
        and f"{BUCKET}/{prefix}/*" in (each.resources or ())
        and all(role in condition.values for condition in each.conditions)
        for each in made
    )


def test_random_grants_give_the_same_however_they_are_written() -> None:
    roles = [role_in(account, name) for account, name in product((DEV, TEST, PROD, STRANGER), (*NAMES, "Deploy-evil"))]
    questions: list[Question] = []
    expected: list[bool] = []
    patterns = 0
    for seed in range(WORLDS):
        choose = random.Random(seed)  # noqa: S311  # a choice of examples, no secret
        made = grants_of(seed)
        documents = [document_of(*made), *written(made)]
        patterns += "ArnLike" in documents[1]
        for _ in range(ASKED):
            asked = choose.choice(roles), choose.choice(ACTIONS), choose.choice(PREFIXES)
            questions += [asks(*asked, document) for document in documents]
            expected += [is_wanted(made, *asked)] * len(documents)
    answers = [ALLOWED if each else LACKING for each in expected]
    assert [ours(each) for each in questions] == answers
    assert theirs(questions) == answers
    assert patterns > WORLDS // 3
    assert len(expected) // 10 < sum(expected) < len(expected) // 2


def alike() -> str:
    """A document in which names stand once."""
    made = [grant(account, roles=["Deploy", "team/Serve"]) for account in (DEV, PROD)]
    text = render(None, made, BUCKET_POLICY).text
    (statement,) = json.loads(text)["Statement"]
    assert "ArnEquals" not in statement["Condition"]
    return text


def test_a_name_lets_in_no_lookalike_of_it() -> None:
    document = alike()
    right = [role_in(account, name) for account in (DEV, PROD) for name in ("Deploy", "team/Serve")]
    wrong = [
        *(other for role in right for _, other in lookalikes(role) if other not in right),
        *(role.replace(account, other) for role in right for account in (DEV, PROD) for other in (TEST, STRANGER)),
        *(role.replace("arn:aws:", f"arn:{partition}:") for role in right for partition in ("aws-cn", "aws-us-gov")),
        *(
            role_in(account, name)
            for account in (DEV, PROD)
            for name in ("Serve", "team/Deploy", "team", "x/team/Serve")
        ),
        *(role.replace(":role/", ":role/role/") for role in right),
    ]
    wrong = sorted(set(wrong) - set(right))
    questions = [asks(role, "s3:GetObject", "churn", document) for role in (*right, *wrong)]
    answers = [ALLOWED] * len(right) + [LACKING] * len(wrong)
    assert [ours(each) for each in questions] == answers
    assert theirs(questions) == answers


def test_a_session_is_known_by_its_roles_arn_whatever_it_calls_itself() -> None:
    """`aws:PrincipalArn` of a session is the role's ARN: a name like another role's is no way in."""
    document = alike()
    asked = asks(role_in(PROD), "s3:GetObject", "churn", document)
    questions = [
        *(replace(asked, session_name=name) for name in ("today", "Deploy", "Administrator")),
        replace(asked, role=role_in(PROD, "Administrator"), session_name="Deploy"),
        replace(asked, role=role_in(PROD, "Administrator"), session_name="role@Deploy"),
    ]
    answers = [ALLOWED] * 3 + [LACKING] * 2
    assert [ours(each) for each in questions] == answers
    assert theirs(questions) == answers


def test_what_an_account_itself_does_not_allow_stays_closed() -> None:
    nothing = json.dumps(
        {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "iam:GetUser", "Resource": "*"}}
    )
    asked = replace(asks(role_in(PROD), "s3:GetObject", "churn", alike()), identity=nothing)
    assert (ours(asked), theirs([asked])) == (LACKING, [LACKING])


def test_a_wildcard_more_would_be_seen() -> None:
    """Both tell a pattern with a wildcard in the name, or beside the account, from ours."""
    document = alike()
    for change, role in (
        (("role/Deploy", "role/Deploy*"), role_in(PROD, "Deploy-evil")),
        (("role/Deploy", "role/*Deploy"), role_in(PROD, "team/Deploy")),
        (("arn:aws:iam", "arn:*:iam"), role_in(PROD).replace("arn:aws:", "arn:aws-cn:")),
    ):
        changed = document.replace(*change)
        questions = [asks(role, "s3:GetObject", "churn", text) for text in (document, changed)]
        assert [ours(each) for each in questions] == [LACKING, ALLOWED]
        assert theirs(questions) == [LACKING, ALLOWED]
