"""No mail has a word of weights, a policy or an answer of AWS outside of quotes, whatever they say."""

import json
from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import ClientError, ParamValidationError

from stagegate.aws.errors import translated
from stagegate.core.addresses import S3Uri
from stagegate.core.errors import InputError, RefusedError, StagegateError, StillOpenError
from stagegate.core.findings import Finding
from stagegate.iam.denies import Refusal
from stagegate.iam.key_grants import KeyUse
from stagegate.iam.read import UnreadablePolicyError
from stagegate.plans.sweep import Failure, Totals, Verdict, failures_message, sweep_message
from stagegate.runs.failure_message import failure_message
from stagegate.runs.import_model.failures import Held, explain, full, not_invoked
from stagegate.runs.import_model.messages import Ending, import_message
from stagegate.runs.import_model.preflight import unproven
from stagegate.subjects.packages.artifacts import Artifacts, Data
from stagegate.subjects.packages.imports.weights import weights_findings
from stagegate.targets.compare import diff_of_document, diff_of_grants
from stagegate.targets.refusals import refusal_finding
from stagegate.targets.target import Target, TargetType
from tests.support.builders import (
    CARD_ARN,
    DEV,
    a_record,
    some_rules,
)
from tests.support.hostile import A_KEY, HOSTILE, MARK, SHORT, is_harmless, is_shown, message_of_lines, told
from tests.support.imports import an_import, import_rules, importable, wants_for
from tests.support.packages import (
    DATA,
    OBJECT,
)

BUCKET = Target(
    type=TargetType.BUCKET_POLICY, account=DEV, region="us-east-1", partition="aws", name="model-artifacts-dev"
)
KEY = replace(BUCKET, type=TargetType.KEY_GRANTS, name=f"arn:aws:kms:us-east-1:{DEV}:key/1")


class TestAnImport:
    """What lies among the weights, and what Bedrock says."""

    def test_of_hostile_files(self) -> None:
        source = S3Uri(bucket="model-artifacts-dev", key=f"{A_KEY}/", is_prefix=True)
        names = [
            "config.json",
            f"{HOSTILE}.tar.gz",
            f"{HOSTILE}.bin",
            f"{HOSTILE}.safetensors",
            f"{HOSTILE}/config.json",
        ]
        index = json.dumps({"weight_map": {"a": f"{HOSTILE}.safetensors", "b": HOSTILE}, "metadata": {"total_size": 9}})
        config = json.dumps({"architectures": [HOSTILE, "GptOssForCausalLM"]})
        for chosen in ([], names, names[2:], [names[0], *names[3:]], ["adapter_config.json"]):
            stored = [replace(OBJECT, key=f"{source.key}{name}") for name in chosen]
            for texts in ((None, None), (config, index), (HOSTILE, HOSTILE)):
                is_harmless(told(*weights_findings(source, stored, texts[0], "us-west-2", index=texts[1])))

    def test_of_hostile_answers(self) -> None:
        requested = replace(an_import(), source=S3Uri(bucket="model-artifacts-dev", key=A_KEY, is_prefix=True))
        record = replace(a_record(), fingerprints=Artifacts(data=(Data(uri=DATA, objects=(OBJECT,)),)).fingerprints)
        assert record.fingerprints
        words = ("access to the s3", "key", "architecture", "config.json", "no objects", "safetensors", "tokenizer", "")
        who = frozenset({f"arn:aws:iam::{DEV}:root"})
        refusal = Refusal(statement=HOSTILE, refused=frozenset(), perhaps=who, actions=("s3:GetObject",))
        in_policy = refusal_finding(refusal, BUCKET, "prod", who)
        found = [
            *(explain(requested, f"{word} {HOSTILE}") for word in (*words, "assume")),
            not_invoked(requested, HOSTILE),
            full(requested, [Held(name=HOSTILE, package=HOSTILE), Held(name=HOSTILE)]),
            unproven(requested, [in_policy.detail]),
        ]
        for finding in found:
            message = import_message(requested, "arn:package", Ending.FAILED, [finding], None)
            is_harmless(message)
            assert is_shown(message)

    def test_of_a_hostile_folder(self) -> None:
        folder = S3Uri(bucket="model-artifacts-dev", key=f"churn/{A_KEY}/", is_prefix=True)
        rules = import_rules()
        changes = [desired.role or desired.model for desired in wants_for(rules, importable(folder))]
        is_harmless(message_of_lines(*map(str, changes)))


class TestAPolicy:
    """What others have written into documents and grants that ours stand in."""

    @pytest.mark.parametrize(
        "statement",
        [
            {"Sid": SHORT, "Effect": "Allow", "Principal": {"AWS": "AROAEXAMPLEEXAMPLE12"}, "Action": "s3:*"},
            {"Sid": f"Stagegate000000{SHORT}", "Effect": SHORT, "Principal": {"AWS": SHORT}, "Action": [SHORT]},
            {
                "Sid": "StagegateA",
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:aws:iam::{DEV}:role/x"},
                "Action": "s3:GetObject",
                "Resource": f"arn:aws:s3:::b/{SHORT}",
                "Condition": {"StringLike": {"s3:prefix": SHORT}},
            },
        ],
        ids=["foreign", "edited", "ours"],
    )
    def test_that_is_hostile(self, statement: dict[str, Any]) -> None:
        text = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        found = diff_of_document(BUCKET, text, (), "Stagegate")
        message = message_of_lines(*found.lines, *(finding.detail for finding in found.findings))
        is_harmless(message)

    def test_with_hostile_grants(self) -> None:
        use = KeyUse(grantee=HOSTILE, operations=("Decrypt",), context=(("a", HOSTILE),))
        message = message_of_lines(*diff_of_grants(KEY, [use], (), [HOSTILE]).lines)
        is_harmless(message)
        assert is_shown(message)

    @pytest.mark.parametrize(
        "text",
        [HOSTILE, json.dumps([HOSTILE]), json.dumps({"Statement": [HOSTILE]}), f'{{"{HOSTILE[:4]}": 1, "a": NaN}}'],
    )
    def test_that_cant_be_read(self, text: str) -> None:
        with pytest.raises(UnreadablePolicyError) as caught:
            diff_of_document(BUCKET, text, (), "Stagegate")
        assert len(str(caught.value)) < 500
        assert str(caught.value).isprintable()


def refused(message: str) -> StagegateError:
    """What becomes of a refusal with that message."""
    with pytest.raises(StagegateError) as caught, translated("read a card"):
        raise ClientError({"Error": {"Code": "AccessDenied", "Message": message}}, "DescribeModelCard")
    return caught.value


class TestAFailure:
    """What AWS says, and what an input says, when a run or a sweep fails."""

    def test_with_awss_words(self) -> None:
        error = refused(HOSTILE)
        is_harmless(failure_message(CARD_ARN, "arn:execution", RefusedError.__name__, str(error)))
        is_harmless(told(Finding(code="KeyUnseen", severity="warn", detail=f"could not be read: {error}")))  # type: ignore[arg-type]
        text = f"- close dev: {error}\n- close prod: {error}"
        message = failure_message(CARD_ARN, "arn:execution", StillOpenError.__name__, text)
        is_harmless(message)
        assert message.text.count("\n- close") == 2

    def test_of_a_call_that_botocore_refuses(self) -> None:
        with pytest.raises(StagegateError) as caught, translated("read a card"):
            raise ParamValidationError(report=HOSTILE)
        is_harmless(told(Finding(code="X", severity="warn", detail=str(caught.value))))  # type: ignore[arg-type]

    @pytest.mark.parametrize("error", [InputError.__name__, "StoppedAgainError", "KeyError", "States.Runtime"])
    def test_that_repeats_what_was_sent(self, error: str) -> None:
        message = failure_message(None, "arn:execution", error, f"input: found {HOSTILE}")
        is_harmless(message)
        assert is_shown(message)

    def test_in_a_sweep(self) -> None:
        error = refused(HOSTILE)
        totals = Totals(subjects=1, failed=1, drifting=1)
        failed = failures_message(totals, [Failure(subject=CARD_ARN, error="RefusedError", cause=str(error))])
        message = sweep_message(
            some_rules(), totals, Verdict.REPORT, [], notes=[], failures=failed, sweep="id", state_machine="arn"
        )
        is_harmless(message)
        assert MARK in message.text
