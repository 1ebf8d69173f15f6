"""Every part that could be missing has its own sentence: which statement, in which account, and what to do."""

import pytest

from stagegate.runs.import_model.failures import Held, explain, full
from stagegate.runs.import_model.messages import Ending, import_message
from stagegate.runs.import_model.preflight import Check, Verdict, access_findings, checks_of, unproven
from tests.support.builders import DEV, PROD
from tests.support.imports import MODEL_KEY, SOURCE_KEY, an_import
from tests.support.packages import PACKAGE_ARN

ASKED = an_import(source_key=SOURCE_KEY, key=MODEL_KEY)
CHECKS = checks_of(ASKED)
ALLOWED = Verdict(is_allowed=True)


def test_what_is_checked_is_what_bedrock_does_with_the_role() -> None:
    assert [(check.action, check.resource) for check in CHECKS] == [
        ("s3:ListBucket", "arn:aws:s3:::model-artifacts-dev"),
        ("s3:GetObject", "arn:aws:s3:::model-artifacts-dev/churn/3/config.json"),
        ("kms:Decrypt", SOURCE_KEY),
        ("kms:DescribeKey", SOURCE_KEY),
        ("kms:Decrypt", MODEL_KEY),
        ("kms:DescribeKey", MODEL_KEY),
        ("kms:GenerateDataKey", MODEL_KEY),
        ("kms:CreateGrant", MODEL_KEY),
    ]
    assert len(checks_of(an_import())) == 2


def test_nothing_is_found_where_everything_stands() -> None:
    assert access_findings(ASKED, dict.fromkeys(CHECKS, ALLOWED), (), ()) == []


@pytest.mark.parametrize("missing", CHECKS, ids=lambda check: f"{check.action} {check.statement}")
@pytest.mark.parametrize(
    ("verdict", "said"),
    [
        (Verdict(is_allowed=False), "statement {statement} of its policy in {host} is missing"),
        (Verdict(is_allowed=False, is_explicit=True), "a statement of its own policies in {host} denies it"),
        (Verdict(is_allowed=False, by_boundary=True), "the boundary that the member stack of {host} sets"),
        (Verdict(is_allowed=False, by_organization=True), "a service control policy on account {host}"),
    ],
    ids=["missing", "denied", "boundary", "organization"],
)
def test_each_missing_permission_of_the_role_is_named(missing: Check, verdict: Verdict, said: str) -> None:
    found = access_findings(ASKED, {**dict.fromkeys(CHECKS, ALLOWED), missing: verdict}, (), ())
    (finding,) = found
    assert finding.code == "ImportRoleDenied"
    assert f"may not {missing.action} on {missing.resource}" in finding.detail
    assert said.format(statement=missing.statement, host=PROD) in finding.detail


def test_the_owners_half_is_named_by_what_would_have_to_be_written() -> None:
    fine = dict.fromkeys(CHECKS, ALLOWED)
    (bucket,) = access_findings(ASKED, fine, ("+ statement X",), ())
    assert (bucket.code, "+ statement X" in bucket.detail, DEV in bucket.detail) == ("ImportBucketClosed", True, True)
    (key,) = access_findings(ASKED, fine, (), ("+ grant Y",))
    assert (key.code, "+ grant Y" in key.detail, SOURCE_KEY in key.detail) == ("ImportKeyClosed", True, True)


def test_a_role_that_is_gone_is_said_once() -> None:
    (finding,) = access_findings(ASKED, None, ("+ statement X",), ())
    assert (finding.code, ASKED.role_arn in finding.detail) == ("ImportRoleMissing", True)


def test_what_no_check_proves_is_said() -> None:
    assert f"of the key {MODEL_KEY} says can't be seen" in unproven(ASKED, ()).detail
    assert "of the key arn" not in unproven(an_import(), ()).detail
    assert unproven(ASKED, ()).detail.endswith("is in the way.")
    assert unproven(ASKED, ["Statement A may deny it.", "So may B."]).detail.endswith("A may deny it. So may B.")


@pytest.mark.parametrize(
    ("message", "code", "said"),
    [
        ("Amazon Bedrock does not have access to the S3 location s3://x.", "ImportBucketClosed", DEV),
        ("Amazon Bedrock does not have access to the KMS key arn:x.", "ImportKeyClosed", MODEL_KEY),
        ("The model architecture BertModel is not supported.", "ImportArchitecture", "config.json"),
        ("The file config.json at s3://x could not be read.", "ImportConfig", "churn/3/config.json"),
        ("No safetensors files were found at s3://x.", "ImportNoWeights", "moved or deleted"),
        ("No objects were found at s3://x.", "ImportNoWeights", "moved or deleted"),
        ("The file model.safetensors at s3://x could not be read.", "ImportWeightsBroken", "Save the model anew"),
        ("No tokenizer files were found at s3://x.", "ImportNoTokenizer", "beside the weights"),
        ("Could not assume provided IAM role arn:x.", "ImportRoleNotTaken", PROD),
        ("Something else.", "ImportFailed", "has failed to import"),
    ],
)
def test_bedrocks_words_are_explained_and_kept(message: str, code: str, said: str) -> None:
    finding = explain(ASKED, message)
    assert finding.code == code
    assert said in finding.detail
    assert finding.detail.endswith(message)


def test_a_full_account_is_told_what_could_go() -> None:
    finding = full(ASKED, [Held(name="old-1", package=PACKAGE_ARN), Held(name="by-hand")])
    assert f"old-1 ({PACKAGE_ARN}), by-hand (not by Stagegate)" in finding.detail


@pytest.mark.parametrize("ending", Ending)
def test_everybody_hears_how_it_ended(ending: Ending) -> None:
    findings = [explain(ASKED, "Something else.")] if ending is Ending.FAILED else []
    message = import_message(ASKED, PACKAGE_ARN, ending, findings, "arn:model")
    assert PACKAGE_ARN in message.text
    assert ("start the package by hand" in message.text) == (ending is Ending.FAILED)
    assert message.subject.startswith("FAILED") == (ending is Ending.FAILED)
