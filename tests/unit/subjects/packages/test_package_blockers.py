"""What keeps a package closed whoever approves it, and what approvers are told of its environment."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from stagegate.core.addresses import S3Uri
from stagegate.rules.model import Rules, Unpinned
from stagegate.subjects.packages.blockers import reach_blockers, remarks
from stagegate.subjects.packages.contents.environment import MASK, credentials, shown
from stagegate.subjects.packages.contents.mentions import mentions_in
from stagegate.subjects.packages.model import Container, Package
from stagegate.targets.target import TargetType
from tests.support.packages import (
    ACCOUNTS,
    APPROVED,
    AWS_IMAGE,
    CONTAINER,
    IMAGE,
    PENDING,
    a_message,
    a_package,
    package_rules,
    the_package_subject,
    the_plan,
    wanted,
)

RULES = package_rules()
OTHERS_IMAGE = "999988887777.dkr.ecr.us-east-1.amazonaws.com/theirs:v1"
JUMPSTART = S3Uri(bucket="jumpstart-cache-prod-us-east-1", key="tf/ic.tar.gz")


def blockers(*containers: Container, rules: Rules = RULES) -> list[str]:
    found = reach_blockers(rules, the_package_subject(), a_package(APPROVED, *containers), ACCOUNTS)
    return [finding.code for finding in found]


def with_packages(**changed: object) -> Rules:
    assert RULES.packages is not None
    return replace(RULES, packages=replace(RULES.packages, **changed))  # type: ignore[arg-type]


def with_environment(**environment: str) -> Container:
    return replace(CONTAINER, environment=tuple(sorted(environment.items())), mentions=mentions_in(environment))


class TestImagesByTag:
    """A tag in a registry that nobody here sees could become another image."""

    @pytest.mark.parametrize("image", [OTHERS_IMAGE, "public.ecr.aws/theirs/serving:v1", "theirs/serving"])
    def test_of_somebody_else_block(self, image: str) -> None:
        assert blockers(Container(image_uri=image)) == ["ImageUnknown"]

    @pytest.mark.parametrize(
        "container",
        [
            Container(image_uri=OTHERS_IMAGE, image_digest=f"sha256:{'b' * 64}"),
            Container(image_uri=f"{OTHERS_IMAGE.removesuffix(':v1')}@sha256:{'b' * 64}"),
            Container(image_uri=IMAGE),
            Container(image_uri=AWS_IMAGE),
            Container(image_uri="763104351884.dkr.ecr.us-east-1.amazonaws.com/tensorflow-inference:2.8-cpu"),
        ],
    )
    def test_dont_where_they_are_pinned_or_seen_or_awss(self, container: Container) -> None:
        assert blockers(container) == []

    def test_dont_where_the_rules_name_their_account(self) -> None:
        rules = with_packages(image_accounts=("999988887777",))
        assert blockers(Container(image_uri=OTHERS_IMAGE), rules=rules) == []

    def test_block_where_an_environment_names_them(self) -> None:
        assert blockers(with_environment(BEFORE=OTHERS_IMAGE)) == ["ImageUnknown"]


class TestAModelOfAws:
    """What AWS offers to everybody is left to it."""

    def test_opens_without_its_bucket(self) -> None:
        package = a_package(APPROVED, Container(image_uri=AWS_IMAGE, data_uris=(JUMPSTART,)))
        desired = wanted(RULES, package, "prod")
        assert [grant.target.type for grant in desired] == [TargetType.GROUP_POLICY]

    @pytest.mark.parametrize(
        "bucket",
        ["jumpstart-cache-prod-eu-west-1", "jumpstart-cache-prod-us-east-1x", "my-jumpstart-cache-prod-us-east-1"],
    )
    def test_isnt_one_in_a_bucket_that_only_looks_like_it(self, bucket: str) -> None:
        assert blockers(Container(image_uri=AWS_IMAGE, data_uris=(replace(JUMPSTART, bucket=bucket),))) == [
            "BucketUnknown"
        ]


class TestNothingToDeploy:
    """A package without an image or data is never open with nothing in it."""

    def test_blocks(self) -> None:
        source = Container(mentions=mentions_in("s3://model-artifacts-churn/mlflow/5/"))
        package = replace(a_package(), containers=(source,))
        (finding,) = reach_blockers(RULES, the_package_subject(), package, ACCOUNTS)
        assert finding.code == "NothingToDeploy"
        assert "s3://model-artifacts-churn/mlflow/5/" in finding.detail

    def test_is_said_to_approvers(self) -> None:
        package = replace(a_package(PENDING), containers=())
        assert "There is nothing to deploy in it." in message_about(package)


class TestWhatCantBeFingerprinted:
    """The rules say whether it blocks."""

    UNPINNED = with_environment(HF_MODEL_ID="meta-llama/Llama-3-8B")

    def test_blocks_unless_the_rules_say_else(self) -> None:
        assert blockers(self.UNPINNED) == ["Unpinned"]
        assert remarks(RULES, a_package(APPROVED, self.UNPINNED)) == ()

    def test_is_a_warning_where_the_rules_say_so(self) -> None:
        rules = with_packages(unpinned=Unpinned.WARN)
        assert blockers(self.UNPINNED, rules=rules) == []
        (finding,) = remarks(rules, a_package(APPROVED, self.UNPINNED))
        assert (finding.code, finding.severity) == ("Unpinned", "warn")

    def test_is_shown_to_approvers(self) -> None:
        said = message_about(a_package(PENDING, self.UNPINNED))
        assert "Not fingerprinted: HF_MODEL_ID=meta-llama/Llama-3-8B" in said


class TestAnEnvironment:
    """Approvers see it, and no credential in it."""

    def test_is_shown_without_credentials(self) -> None:
        said = message_about(
            a_package(PENDING, with_environment(SAGEMAKER_PROGRAM="inference.py", DB_PASSWORD="hunter2"))
        )
        assert "Environment: SAGEMAKER_PROGRAM=inference.py" in said
        assert f"Environment: DB_PASSWORD={MASK}" in said
        assert "hunter2" not in said

    def test_is_a_finding_with_one(self) -> None:
        (finding,) = remarks(RULES, a_package(APPROVED, with_environment(DB_PASSWORD="hunter2")))
        assert (finding.code, finding.severity) == ("CredentialInEnvironment", "warn")
        assert "DB_PASSWORD" in finding.detail
        assert "hunter2" not in finding.detail

    @pytest.mark.parametrize(
        "environment",
        [
            {"HF_TOKEN": "abc"},
            {"API_KEY": "abc"},
            {"apikey": "abc"},
            {"X": "AKIAIOSFODNN7EXAMPLE"},
            {"X": "-----BEGIN PRIVATE KEY-----"},
            {"X": "https://me:secret@example.com/x"},
            {"X": "hf_abcdefghijklmnopqrstuvwxyz"},
            {"X": "https://b.s3.amazonaws.com/k?X-Amz-Signature=abc"},
        ],
    )
    def test_has_a_credential(self, environment: Mapping[str, str]) -> None:
        assert credentials(environment.items()) == list(environment)
        assert all(line.endswith(f"={MASK}") for line in shown(environment.items()))

    @pytest.mark.parametrize(
        "environment",
        [
            {"MAX_TOKENS": "4096"},
            {"EOS_TOKEN": "<eos>"},
            {"TOKENIZER_PATH": "/opt/tokenizer"},
            {"DB_SECRET": "arn:aws:secretsmanager:us-east-1:111122223333:secret:db"},
            {"USE_AUTH_TOKEN": "false"},
        ],
    )
    def test_has_none(self, environment: Mapping[str, str]) -> None:
        assert credentials(environment.items()) == []

    def test_that_is_long_is_cut(self) -> None:
        (line,) = shown([("A", "x" * 500 + "\n")])
        assert line.startswith(f"A={'x' * 100}... (")


def message_about(package: Package) -> str:
    return a_message(RULES, the_plan(RULES, package=package), package).text
