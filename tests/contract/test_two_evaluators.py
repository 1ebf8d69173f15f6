"""What the generated policies mean, by two evaluators that know nothing of each other.

One batch for the simulator from npm (`tools/iam`), and the same requests for the sandbox's own evaluator. Each has to
give the answer that is written beside the request, and what must be denied differs in one thing from something allowed.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from stagegate.aws.environment import Environment
from stagegate.aws.sessions import Members
from stagegate.surfaces.policies.apply import PolicyWriter
from stagegate.targets.target import Target, TargetType
from tests.contract.consumer_cases import consumer_cases
from tests.contract.import_policies import import_cases
from tests.support.builders import DEV, GOVERNANCE
from tests.support.evaluators import ALLOWED, STAND_INS, Question, ours, theirs
from tests.support.generated import Case, Generated, cases, on_bucket, on_group, on_prefix, on_repository, on_resources
from tests.support.members import ScriptedMembers
from tests.support.numbers import stated
from tests.support.own_policies import fence_cases, session_cases, statement_cases, trust_cases
from tests.support.packages import BUCKET
from tests.support.template_policies import deployed_roles

ROLES = {role.name: role for role in deployed_roles(grantees=f"arn:aws:iam::{DEV}:role/ModelOperator")}
TRUSTED = {
    "share": "apply-share",
    "fence": "apply-fence",
    "policy": "apply-policy",
    "boundary": "apply-boundary",
    "canvas": "apply-boundary",
    "observe": "plan",
    "import": "import-model",
    "import-role": "import-role",
}
"""Member roles, and the functions whose roles they trust."""

REFUSED = {
    (
        "kms:CreateGrant",
        "key",
    ): "a grant's constraint as a condition is in KMS's guide, not in AWS's reference (docs/live.md)",
    **{
        (f"kms:{operation}", "key"): "the simulator takes no encryption context whose name has colons, as ours have"
        for operation in ("Decrypt", "Encrypt", "GenerateDataKey")
    },
    ("organizations:DescribePolicy", "account"): "one statement for two actions: this pair of them is never asked for",
    ("organizations:ListPoliciesForTarget", "policy"): "the other half of that pair",
    **{
        (f"sagemaker:{verb}{what}", other): "one list has the domains and their profiles: this pair is never asked for"
        for verb in ("Describe", "Update")
        for what, other in (("Domain", "user-profile"), ("UserProfile", "domain"))
    },
    **{
        (f"sagemaker:{verb}ResourcePolicy", what): "AWS's reference lists no resource (docs/live.md)"
        for verb in ("Delete", "Get", "Put")
        for what in ("hub", "model-card")
    },
    ("sagemaker:DescribeHub", "hub-content"): "one list has the hubs and what is in them: this pair is never asked for",
    ("sagemaker:ListHubContents", "hub-content"): "likewise",
    **{
        (f"s3:{action}", "jumpstart-cache-prod-us-east-1"): "one list has the bucket and its objects, likewise"
        for action in ("GetObject", "GetObjectTagging", "ListBucket")
    },
    ("ram:GetResourceShareInvitations", "*"): "it has no ram:ShareOwnerAccountId: the condition is an IfExists",
}
"""Requests that the simulator doesn't judge, by action and kind of resource, and why that is right."""


@dataclass(frozen=True)
class Verdict:
    """A document's request, what it has to be answered, and what the two say."""

    document: str
    how: str
    requested: Question
    expected: str
    ours: str
    theirs: str


def verdicts(named: list[tuple[str, Case]]) -> list[Verdict]:
    answers = theirs([requested for _, (_, requested, _) in named])
    return [
        Verdict(document, how, requested, expected, ours(requested), answer)
        for (document, (how, requested, expected)), answer in zip(named, answers, strict=True)
    ]


@cache
def every_verdict() -> tuple[Verdict, ...]:
    return tuple(verdicts(list(every_case())))


def every_case() -> Iterator[tuple[str, Case]]:
    for generated in on_resources():
        yield from ((generated.name, case) for case in cases(generated))
    yield from fence_cases()
    yield from consumer_cases()
    target = f"arn:aws:s3:::{BUCKET}"
    yield from (("session policy", c) for c in session_cases(ROLES["stagegate-member-policy"], a_session(), target))
    for member, function in TRUSTED.items():
        role = ROLES[f"stagegate-member-{member}"]
        trusted = f"arn:aws:iam::{GOVERNANCE}:role/stagegate-{function}"
        yield from ((f"trust of {role.name}", case) for case in trust_cases(role, trusted))
    yield from import_cases()
    for role in ROLES.values():
        yield from ((f"role {role.name}", case) for case in statement_cases(role))


def a_session() -> Any:
    """The session policy with which the writer of policies enters a member for one bucket."""
    members = ScriptedMembers()
    environment = Environment(
        account=GOVERNANCE,
        region="us-east-1",
        prefix="stagegate",
        table="ledger",
        settings=Path("governance.toml"),
    )
    target = Target(type=TargetType.BUCKET_POLICY, account=DEV, region="us-east-1", partition="aws", name=BUCKET)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        patch.setattr(Members, "through", lambda *_: members)
        PolicyWriter(environment=environment, dynamodb=None)._session(target, None)  # type: ignore[arg-type]
    ((_, policy),) = members.entered
    return policy


def kind_of(requested: Question) -> tuple[str, str]:
    """An action and the kind of resource: `model-card` of a card's ARN."""
    return requested.action, requested.resource.split(":")[-1].split("/")[0]


def test_both_give_every_answer_that_is_expected() -> None:
    judged = [each for each in every_verdict() if not each.theirs.startswith("error")]
    assert [each for each in judged if not each.ours == each.theirs == each.expected] == []


def test_the_numbers_page_says_how_many_there_are() -> None:
    documents = Counter(each.document.partition(" ")[0] for each in {e.document: e for e in every_verdict()}.values())
    refused = [each for each in every_verdict() if each.theirs.startswith("error")]
    requested = r"([\d,]+) requests for (\d+) documents .* (\d+) trust policies, (\d+) roles\)"
    trust = documents["trust"]
    assert stated(requested) == (len(every_verdict()), documents.total(), trust, documents["role"])
    assert stated(r"(\d+) requests, of (\d+) kinds") == (len(refused), len(REFUSED))
    assert stated(r"(\d+) seeded mistakes") == (len(MUTANTS),)


def test_what_the_simulator_does_not_judge_is_explained_and_nothing_else_is() -> None:
    refused = [each for each in every_verdict() if each.theirs.startswith("error")]
    assert {kind_of(each.requested) for each in refused} == set(REFUSED)
    assert [each for each in refused if each.ours != each.expected] == []


def test_stand_ins_are_still_needed() -> None:
    """The simulator would judge these actions themselves otherwise."""
    judged = [each for each in every_verdict() if each.requested.is_judged_as_another]
    requested = {each.requested.action: each.requested for each in judged if each.requested.resource != "*"}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tests.support.evaluators.STAND_INS", {})
        assert theirs([requested[action] for action in STAND_INS]) == ['error: {"message":"no.resource.types"}'] * len(
            STAND_INS
        )


def test_every_denial_differs_in_one_thing_from_something_allowed() -> None:
    allowed: dict[str, list[Question]] = {}
    for each in every_verdict():
        if each.expected == ALLOWED:
            allowed.setdefault(each.document, []).append(each.requested)
    alone = [
        each
        for each in every_verdict()
        if each.expected != ALLOWED
        and not any(_differences(each.requested, right) == 1 for right in allowed[each.document])
    ]
    assert alone == []


def _differences(one: Question, other: Question) -> int:
    """In how many things two requests differ. Whose a resource is, and how it is shared, belongs to the resource."""
    apart = {f.name for f in fields(Question) if getattr(one, f.name) != getattr(other, f.name)}
    return len(apart - {"account", "resource_policy"}) if "resource" in apart else len(apart)


def test_every_document_has_both_answers() -> None:
    found = Counter((each.document, each.expected == ALLOWED) for each in every_verdict())
    documents = {name for name, _ in found}
    without = {name for name in documents if not (found[name, True] and found[name, False])}
    # These roles' statements have no conditions; what they must not do is in the tests of their permissions.
    assert {name for name in without if not name.startswith("role ")} == set()
    assert all(found[name, True] for name in documents)


def _in_every_statement(change: Callable[[dict[str, Any]], None]) -> Callable[[str], str]:
    def changed(text: str) -> str:
        document = json.loads(text)
        for statement in document["Statement"]:
            change(statement)
        return json.dumps(document)

    return changed


def _trailing_star(statement: dict[str, Any]) -> None:
    role = statement["Condition"].pop("ArnEquals")["aws:PrincipalArn"]
    statement["Condition"]["ArnLike"] = {"aws:PrincipalArn": f"{role}*"}


def _any_prefix(statement: dict[str, Any]) -> None:
    statement["Condition"].pop("StringEquals", None)


def _ending(element: str, end: str) -> Callable[[dict[str, Any]], None]:
    def change(statement: dict[str, Any]) -> None:
        statement[element] = [f"{value}{end}" for value in _list(statement[element])]

    return change


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _every_version(statement: dict[str, Any]) -> None:
    statement["Resource"] = [arn.replace("churn/3", "churn/*") for arn in _list(statement["Resource"])]


def _everybody(statement: dict[str, Any]) -> None:
    statement["Principal"] = "*"
    del statement["Condition"]


def _prefix_without_slash(statement: dict[str, Any]) -> None:
    statement["Resource"] = statement["Resource"].replace("3/*", "3*")


MUTANTS: dict[str, tuple[Generated, Callable[[dict[str, Any]], None]]] = {
    "a trailing * after a bucket's role": (on_bucket(), _trailing_star),
    "a trailing * after a group's role": (on_group(), _trailing_star),
    "a trailing * after a repository's role": (on_repository(), _trailing_star),
    "no condition": (on_repository(), lambda statement: statement.pop("Condition")),
    "a trailing * after the object": (on_bucket(), _ending("Resource", "*")),
    "a prefix without its slash": (on_prefix(), _prefix_without_slash),
    "any prefix listed": (on_bucket(), _any_prefix),
    "every action of the service": (on_group(), lambda statement: statement.update(Action="sagemaker:*")),
    "every version of the group": (on_group(), _every_version),
    "everybody": (on_repository(), _everybody),
    "an action less": (on_repository(), lambda statement: statement["Action"].remove("ecr:BatchGetImage")),
}


@cache
def mutants_verdicts() -> tuple[Verdict, ...]:
    named = [
        (name, case)
        for name, (generated, change) in MUTANTS.items()
        for case in cases(replace(generated, text=_in_every_statement(change)(generated.text)))
    ]
    return tuple(verdicts(named))


@pytest.mark.parametrize("name", MUTANTS)
def test_a_policy_that_says_something_else_is_noticed_by_both(name: str) -> None:
    found = [each for each in mutants_verdicts() if each.document == name]
    assert [each for each in found if each.theirs.startswith("error")] == []
    noticed = [each for each in found if each.ours != each.expected]
    assert noticed
    assert noticed == [each for each in found if each.theirs != each.expected]
