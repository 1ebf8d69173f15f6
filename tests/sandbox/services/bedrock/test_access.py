"""Who may invoke a model of Bedrock, directly, by a profile and by jobs."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.authorization import CONSUMER, allow, as_role, code_of, make_role, may, message_of

pytestmark = pytest.mark.usefixtures("guarded")

DENIED = "AccessDeniedException"
CLAUDE, TITAN = "anthropic.claude-3-haiku-20240307-v1:0", "amazon.titan-text-express-v1"
PROFILE = f"arn:aws:bedrock:us-east-1:{CONSUMER}:inference-profile/us.{CLAUDE}"
MESSAGE = [{"role": "user", "content": [{"text": "hello"}]}]


def arn(model: str, region: str = "us-east-1") -> str:
    return f"arn:aws:bedrock:{region}::foundation-model/{model}"


def user(*statements: dict[str, Any], name: str = "User", service: str = "bedrock-runtime") -> Any:
    return as_role(service, make_role(CONSUMER, name, *statements))


def ways(runtime: Any, model: str) -> dict[str, str]:
    """The outcome of each way to have a model answer."""
    return {
        "InvokeModel": code_of(runtime.invoke_model, modelId=model, body=b"{}"),
        "stream": code_of(runtime.invoke_model_with_response_stream, modelId=model, body=b"not JSON"),
        "Converse": code_of(runtime.converse, modelId=model, messages=MESSAGE),
    }


def test_each_way_has_its_action() -> None:
    runtime = user(may("bedrock:InvokeModel", arn(CLAUDE)))
    assert ways(runtime, CLAUDE) == {"InvokeModel": "", "stream": DENIED, "Converse": ""}
    assert ways(runtime, arn(CLAUDE)) == {"InvokeModel": "", "stream": DENIED, "Converse": ""}
    assert set(ways(runtime, TITAN).values()) == {DENIED}
    everything = user(may("bedrock:InvokeModel*"), name="All")
    assert set(ways(everything, CLAUDE).values()) == {""}
    assert "bedrock:InvokeModel on resource: " + arn(TITAN) in message_of(
        runtime.invoke_model, modelId=TITAN, body=b"{}"
    )


def test_an_answer_is_the_sandbox_s_own() -> None:
    runtime = user(may("bedrock:*"))
    assert b"sandbox" in runtime.invoke_model(modelId=CLAUDE, body=b"{}")["body"].read()
    stream = runtime.invoke_model_with_response_stream(modelId=CLAUDE, body=b"{}")["body"]
    assert [b"sandbox" in event["chunk"]["bytes"] for event in stream] == [True]
    message = runtime.converse(modelId=CLAUDE, messages=MESSAGE)["output"]["message"]
    assert "sandbox" in message["content"][0]["text"]


def test_an_allow_list_by_a_deny_of_all_others() -> None:
    deny = {"Effect": "Deny", "Action": "bedrock:InvokeModel*", "NotResource": [arn(CLAUDE, "*")]}
    runtime = user(may("bedrock:*"), deny)
    assert set(ways(runtime, CLAUDE).values()) == {""}
    assert set(ways(runtime, TITAN).values()) == {DENIED}
    # The profile is a resource of its own: an allow-list has to name it.
    assert set(ways(runtime, f"us.{CLAUDE}").values()) == {DENIED}
    profile = {**deny, "NotResource": [arn(CLAUDE, "*"), PROFILE]}
    allow(CONSUMER, "User", may("bedrock:*"), profile)
    assert set(ways(runtime, f"us.{CLAUDE}").values()) == {""}
    assert set(ways(runtime, PROFILE).values()) == {""}


def test_a_deny_without_the_provider_s_name_matches_nothing() -> None:
    published = may("bedrock:InvokeModel*", arn(CLAUDE.partition(".")[2]), "Deny")
    assert set(ways(user(may("bedrock:*"), published), CLAUDE).values()) == {""}


def test_a_profile_takes_its_model_in_every_region_that_it_routes_to() -> None:
    here, there = arn(CLAUDE), arn(CLAUDE, "us-west-2")
    everywhere = [arn(CLAUDE, region) for region in ("us-east-1", "us-east-2", "us-west-2")]
    for number, (resources, code) in enumerate(
        (
            ([PROFILE], DENIED),
            (everywhere, DENIED),
            ([PROFILE, here], DENIED),
            ([PROFILE, *everywhere], ""),
        )
    ):
        runtime = user(may("bedrock:InvokeModel", resources), name=f"R{number}")
        assert code_of(runtime.invoke_model, modelId=f"us.{CLAUDE}", body=b"{}") == code
    pinned = user(may("bedrock:*"), may("bedrock:*", there, "Deny"), name="Pinned")
    assert set(ways(pinned, f"us.{CLAUDE}").values()) == {DENIED}
    assert set(ways(pinned, CLAUDE).values()) == {""}


def test_the_profile_is_a_condition_key_of_its_model() -> None:
    through = {"StringLike": {"bedrock:InferenceProfileArn": f"arn:aws:bedrock:*:{CONSUMER}:inference-profile/us.*"}}
    runtime = user(may("bedrock:InvokeModel", PROFILE), may("bedrock:InvokeModel", arn("*", "*"), Condition=through))
    assert code_of(runtime.invoke_model, modelId=f"us.{CLAUDE}", body=b"{}") == ""
    assert code_of(runtime.invoke_model, modelId=CLAUDE, body=b"{}") == DENIED


def test_global_profiles_have_a_model_without_region() -> None:
    runtime = user(may("bedrock:*"))
    model = f"global.{CLAUDE}"
    assert set(ways(runtime, model).values()) == {""}
    unspecified = {"StringEquals": {"aws:RequestedRegion": "unspecified"}}
    for number, fence in enumerate(
        (
            may("bedrock:*", effect="Deny", Condition=unspecified),
            may("bedrock:*", arn(CLAUDE, ""), "Deny"),
            may("bedrock:*", arn(CLAUDE, "*"), "Deny"),
        )
    ):
        fenced = user(may("bedrock:*"), fence, name=f"F{number}")
        assert set(ways(fenced, model).values()) == {DENIED}
    fenced = user(may("bedrock:*"), may("bedrock:*", effect="Deny", Condition=unspecified), name="Us")
    assert set(ways(fenced, f"us.{CLAUDE}").values()) == {""}


def test_jobs_take_the_model_and_the_role() -> None:
    batch = {
        "jobName": "batch",
        "roleArn": f"arn:aws:iam::{CONSUMER}:role/Batch",
        "modelId": CLAUDE,
        "inputDataConfig": {"s3InputDataConfig": {"s3Uri": "s3://bucket/in"}},
        "outputDataConfig": {"s3OutputDataConfig": {"s3Uri": "s3://bucket/out"}},
    }
    tuning = {
        "jobName": "tuning",
        "customModelName": "mine",
        "roleArn": f"arn:aws:iam::{CONSUMER}:role/Batch",
        "baseModelIdentifier": TITAN,
        "trainingDataConfig": {"s3Uri": "s3://bucket/in"},
        "outputDataConfig": {"s3Uri": "s3://bucket/out"},
    }
    bedrock = user(may("bedrock:*"), service="bedrock")
    assert "iam:PassRole" in message_of(bedrock.create_model_invocation_job, **batch)
    allow(CONSUMER, "User", may("bedrock:*"), may("iam:PassRole"), may("bedrock:*", arn(TITAN), "Deny"))
    assert code_of(bedrock.create_model_invocation_job, **batch) == ""
    assert code_of(bedrock.create_model_invocation_job, **batch) == "ConflictException"
    assert code_of(bedrock.create_model_customization_job, **tuning) == DENIED
    allow(CONSUMER, "User", may("bedrock:*"), may("iam:PassRole"), may("bedrock:*", arn(CLAUDE), "Deny"))
    assert code_of(bedrock.create_model_customization_job, **tuning) == ""


def test_what_is_not_here_names_itself() -> None:
    runtime = user(may("*"))
    application = f"arn:aws:bedrock:us-east-1:{CONSUMER}:application-inference-profile/abcdefghijkl"
    assert code_of(runtime.invoke_model, modelId=application, body=b"{}") == "NotMapped"
    assert code_of(runtime.converse_stream, modelId=CLAUDE, messages=MESSAGE) == "NotInSandbox"
    assert code_of(runtime.list_async_invokes) == "NotMapped"
    guarded = {"guardrailIdentifier": "abc", "guardrailVersion": "1"}
    assert code_of(runtime.invoke_model, modelId=CLAUDE, body=b"{}", **guarded) == "NotMapped"
