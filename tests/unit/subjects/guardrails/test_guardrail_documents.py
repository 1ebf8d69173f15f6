"""Every guardrail answers a table of requests as it says, where the published policies go wrong as well."""

import json
from dataclasses import replace

import pytest

from sandbox.authorization import Kind, Policies, Request, parse
from sandbox.authorization.evaluator.errors import AuthorizationError
from sandbox.authorization.evaluator.evaluate import evaluate
from sandbox.kernel import identity
from sandbox.services import authorizations
from stagegate.core.errors import DocumentTooLargeError
from stagegate.iam.limits import MANAGED_POLICY_LIMIT, SCP_LIMIT
from stagegate.rules.guardrails import Access, GuardrailKind, ModelRule
from stagegate.subjects.guardrails.denials.documents import document_of
from tests.support.guardrail_requests import (
    ACCOUNT,
    ASKS,
    ROLE,
    SYNC,
    TABLES,
    Ask,
    Table,
    guardrail,
)
from tests.support.published_guardrails import WRONG, published

authorizations.register()  # the condition keys that requests may carry

EVERYTHING = published()


def is_allowed(document: str, ask: Ask, role: str = ROLE, kind: GuardrailKind = GuardrailKind.BOUNDARY) -> bool:
    by_scp = kind is GuardrailKind.SCP
    request = Request(
        principal=identity.session(role, "today"),
        action=ask.action,
        resource=ask.resource,
        resource_account=role.split(":")[4],
        context={**ask.context, "aws:PrincipalArn": (role,)},
    )
    policies = Policies(
        identity=(parse("identity", Kind.IDENTITY, EVERYTHING),),
        boundary=None if by_scp else parse("boundary", Kind.BOUNDARY, document),
        scps=((parse("all", Kind.SCP, EVERYTHING), parse("scp", Kind.SCP, document)),) if by_scp else (),
    )
    return evaluate(request, policies).allowed


@pytest.mark.parametrize("kind", GuardrailKind)
@pytest.mark.parametrize("name", TABLES)
def test_a_guardrail_takes_away_what_it_says_and_nothing_else(name: str, kind: GuardrailKind) -> None:
    table: Table = TABLES[name]
    document = document_of(replace(table.rule, by=kind), "aws")
    answers = {ask: is_allowed(document, ASKS[ask], kind=kind) for ask in (*table.refused, *table.allowed)}
    assert answers == {**dict.fromkeys(table.refused, False), **dict.fromkeys(table.allowed, True)}


def test_every_ask_is_in_a_table() -> None:
    assert set(ASKS) == {ask for table in TABLES.values() for ask in (*table.refused, *table.allowed)}


@pytest.mark.parametrize("name", WRONG)
def test_what_a_published_policy_gets_wrong(name: str) -> None:
    wrong = WRONG[name]
    assert is_allowed(wrong.document, ASKS[wrong.ask]) is wrong.does
    table = TABLES[wrong.stands]
    assert is_allowed(table.document, ASKS[wrong.ask]) is not wrong.does
    assert wrong.ask in (table.refused if wrong.does else table.allowed)


def test_null_with_a_star_is_no_policy() -> None:
    condition = {"Null": {"aws:RequestTag/sagemaker-sdk:jumpstart-model-id": "*"}}
    star = published({"Effect": "Deny", "Action": "sagemaker:*", "Resource": "*", "Condition": condition})
    with pytest.raises(AuthorizationError):
        is_allowed(star, ASKS["deploy Falcon"])


def test_an_scp_leaves_out_the_roles_that_keep_the_hubs_in_step() -> None:
    by_scp = replace(TABLES["no public hub"].rule, by=GuardrailKind.SCP, roles=(), accounts=(ACCOUNT,))
    document = document_of(by_scp, "aws", [SYNC])
    ask = ASKS["list the public hub"]
    assert is_allowed(document, ask, SYNC, GuardrailKind.SCP)
    assert not is_allowed(document, ask, SYNC.replace("stagegate-plan", "stagegate-planner"), GuardrailKind.SCP)
    assert not is_allowed(document, ask, ROLE, GuardrailKind.SCP)


def test_several_things_are_one_document_with_a_statement_each() -> None:
    every = guardrail(
        public_hub=Access.DENY,
        bedrock=ModelRule(allow=("amazon.titan-*",)),
        jumpstart=ModelRule(deny=("huggingface-text2text-flan-t5-*",)),
    )
    sids = [statement["Sid"] for statement in json.loads(document_of(every, "aws"))["Statement"]]
    assert sids == [
        "StagegateBoundary",
        "StagegatePublicHub",
        "StagegatePublicModels",
        "StagegateBedrockOtherModels",
        "StagegateBedrockCustomizing",
        "StagegateBedrockMantle",
        "StagegateJumpStartModels",
    ]


@pytest.mark.parametrize(
    ("models", "named"),
    [
        (("anthropic.claude-haiku-4-5-20251001-v1:0",), ["anthropic.claude-haiku-4-5"]),
        (("openai.gpt-oss-120b-1:0",), ["openai.gpt-oss-120b"]),
        (("meta.llama3-8b-instruct-v1:0:8k",), ["meta.llama3-8b-instruct"]),
        (("anthropic.claude-opus-4-7", "amazon.*"), ["amazon.*", "anthropic.claude-opus-4-7"]),
    ],
)
def test_the_other_endpoint_has_ids_without_dates_and_versions(models: tuple[str, ...], named: list[str]) -> None:
    document = json.loads(document_of(guardrail(bedrock=ModelRule(allow=models)), "aws"))
    (mantle,) = [each for each in document["Statement"] if each["Sid"] == "StagegateBedrockMantle"]
    assert set(mantle["Condition"]["StringNotLike"]["bedrock-mantle:Model"]) == {*named, *models}


def test_the_other_endpoint_has_nothing_of_what_is_made_here() -> None:
    document = json.loads(document_of(guardrail(bedrock=ModelRule(allow=("imported-model/*",))), "aws"))
    (mantle,) = [each for each in document["Statement"] if each["Sid"] == "StagegateBedrockMantle"]
    assert (mantle["Action"], "Condition" in mantle) == (["bedrock-mantle:Create*"], False)


@pytest.mark.parametrize(
    ("kind", "limit"), [(GuardrailKind.SCP, SCP_LIMIT), (GuardrailKind.BOUNDARY, MANAGED_POLICY_LIMIT)]
)
def test_a_document_that_aws_would_refuse_is_refused_with_the_ways_out(kind: GuardrailKind, limit: int) -> None:
    def of(count: int) -> str:
        models = tuple(f"anthropic.claude-{number:04}" for number in range(count))
        return document_of(replace(guardrail(bedrock=ModelRule(deny=models)), by=kind), "aws")

    fits = next(count for count in range(1, 200) if len(of(count)) > limit - 120)
    assert len(of(fits)) <= limit
    with pytest.raises(DocumentTooLargeError, match=rf"guardrail canvas: .*allowed: {limit}\. Ways out: "):
        of(fits + 2)


def test_the_partition_is_that_of_the_stack() -> None:
    every = guardrail(public_hub=Access.DENY, bedrock=ModelRule(deny=("amazon.titan-*",)))
    assert "arn:aws:" not in document_of(every, "aws-us-gov")
