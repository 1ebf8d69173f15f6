"""What keeps a package closed at the addresses that it names, and what to do about it."""

from dataclasses import replace

import pytest

from stagegate.core.findings import Severity
from stagegate.subjects.packages.artifact_findings import artifact_blockers
from stagegate.subjects.packages.artifacts import Artifacts, Data, Encryption, Image
from tests.support.packages import ARTIFACTS, BUCKET, DATA, DEV_BUCKET, IMAGE, KEY, OBJECT, package_rules

KEY_ID = KEY.rpartition("/")[2]
OTHER_KEY = KEY.replace("0f0e", "aaaa")


def codes(artifacts: Artifacts, key: str | None = None) -> list[str]:
    found = artifact_blockers(package_rules(buckets=[replace(DEV_BUCKET, key=key)]), artifacts)
    assert {finding.severity for finding in found} <= {Severity.BLOCK}
    return [finding.code for finding in found]


def by_default(algorithm: str, key: str | None = None) -> Artifacts:
    return replace(ARTIFACTS, encryption=(Encryption(bucket=BUCKET, algorithm=algorithm, key=key),))


def test_what_is_all_there_is_in_nobodys_way() -> None:
    assert codes(ARTIFACTS) == []


def test_data_that_isnt_there_is_named() -> None:
    (finding,) = artifact_blockers(package_rules(), Artifacts(data=(Data(uri=DATA, objects=()),)))
    assert (finding.code, finding.detail) == (
        "ArtifactMissing",
        f"The package has data at {DATA}, and nothing is there.",
    )


def test_an_image_that_isnt_there_is_named() -> None:
    (finding,) = artifact_blockers(package_rules(), Artifacts(images=(Image(uri=IMAGE, digest=""),)))
    assert finding.code == "ImageMissing"
    assert IMAGE in finding.detail


def test_an_image_that_was_deleted_after_its_digest_was_known_is_named() -> None:
    (finding,) = artifact_blockers(package_rules(), replace(ARTIFACTS, gone=(IMAGE,)))
    assert finding.code == "ImageMissing"
    assert "the one of that digest any more" in finding.detail


@pytest.mark.parametrize(
    ("storage_class", "expected"),
    [
        ("STANDARD", []),
        ("GLACIER_IR", []),
        ("INTELLIGENT_TIERING", []),
        ("GLACIER", ["ArtifactArchived"]),
        ("DEEP_ARCHIVE", ["ArtifactArchived"]),
    ],
)
def test_what_has_to_be_restored_first_opens_nothing(storage_class: str, expected: list[str]) -> None:
    found = replace(OBJECT, storage_class=storage_class)
    seen = replace(ARTIFACTS, data=(Data(uri=DATA, objects=(found,)),))
    assert codes(seen) == expected
    assert seen.fingerprints == ARTIFACTS.fingerprints, "a class is no other content"


@pytest.mark.parametrize(
    ("of_object", "of_bucket", "expected"),
    [
        ("dev's", "dev's", []),
        ("", "dev's", []),
        ("dev's", "", []),
        ("another's", "dev's", ["ArtifactOwnedElsewhere"]),
    ],
)
def test_an_object_of_another_account_is_out_of_the_policys_reach(
    of_object: str, of_bucket: str, expected: list[str]
) -> None:
    data = (Data(uri=DATA, objects=(replace(OBJECT, owner=of_object),)),)
    encryption = (Encryption(bucket=BUCKET, algorithm="AES256", owner=of_bucket),)
    assert codes(Artifacts(data=data, encryption=encryption)) == expected


def test_a_prefix_of_too_many_objects_is_refused_and_not_cut_off() -> None:
    assert codes(Artifacts(data=(Data(uri=DATA, objects=(), is_whole=False),))) == ["ArtifactsTooMany"]


@pytest.mark.parametrize(
    ("algorithm", "key", "named", "expected"),
    [
        ("AES256", None, None, []),
        ("AES256", None, KEY, []),
        ("aws:kms", None, None, ["DefaultKey"]),
        ("aws:kms", None, KEY, ["DefaultKey"]),
        ("aws:kms:dsse", None, None, ["DefaultKey"]),
        ("aws:kms", "alias/aws/s3", None, ["DefaultKey"]),
        ("aws:kms", "arn:aws:kms:us-east-1:222233334444:alias/aws/s3", KEY, ["DefaultKey"]),
        ("aws:kms", KEY, KEY, []),
        ("aws:kms", KEY_ID, KEY, []),
        ("aws:kms", KEY, None, ["KeyUnnamed"]),
        ("aws:kms", KEY_ID, None, ["KeyUnnamed"]),
        ("aws:kms", OTHER_KEY, KEY, ["KeyUnnamed"]),
        ("aws:kms", "alias/models", None, ["KeyUnnamed"]),
        pytest.param("aws:kms", "alias/models", KEY, [], id="which key an alias stands for isn't to be seen"),
    ],
)
def test_a_key_that_cant_be_opened_or_isnt_named_is_in_the_way(
    algorithm: str, key: str | None, named: str | None, expected: list[str]
) -> None:
    assert codes(by_default(algorithm, key), named) == expected


def test_the_line_to_add_is_given() -> None:
    (finding,) = artifact_blockers(package_rules(), by_default("aws:kms", KEY))
    assert f'key = "{KEY}"' in finding.detail
