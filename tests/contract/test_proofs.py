"""Policies, proven over all requests: some of each kind here, and all of them with 200 mistakes in `make prove`."""

import ast
import json
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from proofs.cases import Case, cases
from proofs.policies.prove import Answer, prove
from proofs.policies.request import Request
from proofs.replay import ALIKE, CONFIRMED, UNKNOWN, confirmed
from proofs.seeds import MISTAKES, Seeded, some_seeds
from tests.contract.lint_imports import ROOT

ROLE = "arn:aws:iam::444455556666:role/ModelOperator"
GRANTS: dict[str, Any] = {
    "grants": [{"who": [ROLE], "may": ["s3:GetObject"], "on": [{"start": "arn:aws:s3:::models/churn/"}]}]
}


@cache
def every_case() -> tuple[Case, ...]:
    return tuple(cases())


@cache
def seeds() -> tuple[Seeded, ...]:
    return tuple(some_seeds(every_case(), len(MISTAKES), seed=1))


def test_every_kind_of_document_is_among_them() -> None:
    kinds = {case.name.split(",")[0].split()[0] for case in every_case()}
    assert kinds == {
        "bucket",
        "bucket-policy",
        "consumer",
        "execution",
        "fence",
        "group",
        "group-policy",
        "guardrail",
        "key",
        "repository",
        "repository-policy",
        "trust",
    }
    assert len({case.name for case in every_case()}) == len(every_case())
    assert sum(bool(case.wanted.get("grants") or case.wanted.get("denials")) for case in every_case()) > 150


@pytest.mark.parametrize("number", range(6))
def test_documents_say_what_the_rules_mean(number: int) -> None:
    listed = every_case()[number::24]
    found = {case.name: prove(case.document, case.wanted) for case in listed}
    assert {name: verdict for name, verdict in found.items() if verdict.answer is not Answer.PROVEN} == {}


@pytest.mark.parametrize("seed", seeds(), ids=lambda seed: f"{seed.mistake} in {seed.case.name}")
def test_a_mistake_of_each_kind_is_found_and_the_sandbox_sees_it_too(seed: Seeded) -> None:
    verdict = prove(seed.document, seed.case.wanted)
    assert verdict.answer is Answer.DIFFERENT
    for witness in verdict.witnesses:
        answer = confirmed(seed.case.document, seed.document, seed.case.kind, witness.request)
        assert answer in (CONFIRMED, UNKNOWN), witness


def statement(**more: Any) -> dict[str, Any]:
    return {
        "Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::444455556666:root"},
        "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::models/churn/*",
        "Condition": {"ArnEquals": {"aws:PrincipalArn": ROLE}},
        **more,
    }


def document(*statements: Mapping[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def test_a_condition_that_is_not_modelled_is_neither_proven_nor_refuted() -> None:
    at = {"DateLessThan": {"aws:CurrentTime": "2027-01-01T00:00:00Z"}}
    limited = statement(Condition={"ArnEquals": {"aws:PrincipalArn": ROLE}, **at})
    assert prove(document(limited), GRANTS).answer is Answer.NOT_PROVEN
    # What others have limited so, stays so: the same text is the same condition.
    own = {**statement(), "Resource": "arn:aws:s3:::models/other/*", "Condition": at}
    beside = {**GRANTS, "beside": {"Version": "2012-10-17", "Statement": [own]}}
    assert prove(document(own, statement()), beside).answer is Answer.PROVEN


@pytest.mark.parametrize(
    "odd",
    [
        {"Resource": "arn:aws:s3:::models/${aws:username}/*"},
        {"Principal": {"Federated": "cognito-identity.amazonaws.com"}},
        {"Effect": "allow"},
        {"Condition": {"StringSimilar": {"s3:prefix": "x"}}},
    ],
)
def test_what_has_no_meaning_here_is_not_proven(odd: dict[str, Any]) -> None:
    verdict = prove(document(statement(**odd)), GRANTS)
    assert verdict.answer is Answer.NOT_PROVEN
    assert verdict.reason


def test_what_takes_too_long_is_not_proven() -> None:
    case = next(each for each in every_case() if each.name.startswith("bucket, many"))
    assert prove(case.document, case.wanted, timeout=1).answer is Answer.NOT_PROVEN


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    path = {"PYTHONPATH": ":".join([str(ROOT / "layers/stagegate/python"), *sys.path])}
    return subprocess.run(
        [sys.executable, "-m", "proofs", *arguments], cwd=ROOT, env=path, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(
    ("made", "exits", "answer"),
    [
        (document(statement()), 0, "proven"),
        (document(statement(Principal="*", Condition={})), 1, "different"),
        (document(statement(Resource="arn:aws:s3:::models/${aws:username}")), 3, "not proven"),
    ],
)
def test_the_command_proves_somebody_elses(made: str, exits: int, answer: str, tmp_path: Path) -> None:
    (tmp_path / "document.json").write_text(made)
    (tmp_path / "grants.json").write_text(json.dumps(GRANTS))
    done = run("--document", str(tmp_path / "document.json"), "--grants", str(tmp_path / "grants.json"))
    said = json.loads(done.stdout)
    assert (done.returncode, said["answer"]) == (exits, answer)
    assert bool(said["witnesses"]) == (exits == 1)


def test_the_command_says_which_file_cannot_be_read(tmp_path: Path) -> None:
    done = run("--document", str(tmp_path / "none.json"), "--grants", str(tmp_path / "none.json"))
    assert done.returncode == 2
    assert "none.json" in done.stderr
    assert run("--document", str(tmp_path)).returncode == 2


@pytest.mark.parametrize("folder", ["expected", "policies"])
def test_what_judges_the_product_and_the_sandbox_has_nothing_of_either(folder: str) -> None:
    imported = {
        name.split(".")[0]
        for path in (ROOT / "proofs" / folder).glob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        for name in ([node.module or ""] if isinstance(node, ast.ImportFrom) else _names(node))
    }
    assert "proofs" in imported
    assert imported - set(sys.stdlib_module_names) <= {"proofs", "z3"}


def _names(node: ast.AST) -> list[str]:
    return [alias.name for alias in node.names] if isinstance(node, ast.Import) else []


def test_the_sandbox_may_see_no_difference_or_have_no_such_service() -> None:
    limited = {**statement(Action="*"), "Condition": {"StringEquals": {"aws:RequestTag/x": "y"}}}
    other = {**limited, "Resource": "*"}
    unknown = Request(ROLE, "nothing:Do", "arn:aws:s3:::models/churn/1")
    assert confirmed(document(limited), document(other), "resource", unknown) == UNKNOWN
    seen = Request(ROLE, "s3:GetObject", "arn:aws:s3:::models/churn/1")
    assert confirmed(document(statement()), document(statement(Resource="*")), "resource", seen) == ALIKE
    assert confirmed(document(statement()), document(statement(Action="s3:Put*")), "resource", seen) == CONFIRMED


@pytest.mark.parametrize(
    ("where", "condition"),
    [
        ({"s3:prefix": ["a", {"start": "b/"}]}, {"StringLike": {"s3:prefix": ["a", "b/*"]}}),
        ({"s3:prefix": ["a", None]}, {"StringEqualsIfExists": {"s3:prefix": "a"}}),
        ({"s3:prefix": [{"not": ["a"]}, None]}, {"StringNotEquals": {"s3:prefix": "a"}}),
        ({"s3:prefix": [{"not": ["a"]}]}, {"StringNotEquals": {"s3:prefix": "a"}, "Null": {"s3:prefix": "false"}}),
        ({"s3:prefix": [None]}, {"Null": {"s3:prefix": "true"}}),
        ({"aws:SecureTransport": [True]}, {"Bool": {"aws:SecureTransport": "true"}}),
        ({"aws:SourceArn": [{"like": "arn:*:x"}]}, {"StringLike": {"AWS:sourcearn": "arn:*:x"}}),
    ],
)
def test_a_file_of_grants_says_what_each_operator_does(where: dict[str, Any], condition: dict[str, Any]) -> None:
    wanted = {"grants": [{"who": ["444455556666"], "may": ["s3:GetObject"], "on": ["*"], "where": where}]}
    made = statement(Resource="*", Condition=condition)
    assert prove(document(made), wanted).answer is Answer.PROVEN
    assert prove(document({**made, "Condition": {}}), wanted).answer is Answer.DIFFERENT


def test_only_what_a_file_of_grants_is_about_matters() -> None:
    wider = statement(Resource=["arn:aws:s3:::models/churn/*", "arn:aws:s3:::other/*"])
    assert prove(document(wider), GRANTS).answer is Answer.DIFFERENT
    about = {**GRANTS, "about": [{"start": "arn:aws:s3:::models/"}]}
    assert prove(document(wider), about).answer is Answer.PROVEN


@pytest.mark.parametrize("odd", [{"grant": []}, {"grants": [{"on": ["*"]}]}, {"grants": [{"may": [7]}]}])
def test_a_file_of_grants_that_says_something_else_proves_nothing(odd: dict[str, Any]) -> None:
    verdict = prove(document(statement()), odd)
    assert verdict.answer is Answer.NOT_PROVEN
    assert "allowed:" in verdict.reason
