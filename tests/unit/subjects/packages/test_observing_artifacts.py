"""What lies at an address is told from lists: pages, older versions and longer keys, and nothing is cut off."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from stagegate.core.addresses import Repository, S3Uri
from stagegate.core.errors import RefusedError, ThrottledError
from stagegate.subjects.packages import observe_artifacts as artifacts
from stagegate.subjects.packages.artifacts import MOST_LISTED, Encryption, Image, Stored
from tests.support.builders import DEV, NOON
from tests.support.packages import BUCKET, DATA, IMAGE, OBJECT, encrypted, listed
from tests.support.scripted import Answer, Scripted, refusal

FOLDER = S3Uri(bucket=BUCKET, key="churn/", is_prefix=True)
REPOSITORY = Repository(account=DEV, region="us-east-1", name="team/serving")
LONGER = replace(OBJECT, key=f"{DATA.key}.bak")


def older(found: Stored, version: str) -> dict[str, Any]:
    (latest,) = listed(replace(found, version_id=version))["Versions"]
    return {**latest, "IsLatest": False}


def a_deletion(key: str) -> dict[str, Any]:
    return {"Key": key, "VersionId": "gone", "IsLatest": True, "LastModified": NOON}


def look(uri: S3Uri, *pages: Answer) -> tuple[list[Stored], bool, Scripted]:
    s3 = Scripted("s3", ListObjectVersions=list(pages))
    found = artifacts.data(s3.client, uri, DEV)
    assert found.uri == uri
    return list(found.objects), found.is_whole, s3


def test_an_object_is_the_latest_version_of_exactly_its_key() -> None:
    page = listed(OBJECT, LONGER)
    page["Versions"].insert(1, older(OBJECT, "v0"))
    objects, is_whole, s3 = look(DATA, {**page, "IsTruncated": True})
    assert (objects, is_whole) == ([OBJECT], True)
    (request,) = s3.of("ListObjectVersions")
    assert (request["Bucket"], request["Prefix"], request["ExpectedBucketOwner"]) == (BUCKET, DATA.key, DEV)


def test_a_prefix_without_its_slash_has_no_neighbours() -> None:
    keys = ("fraud/1", "fraud/1.bak", "fraud/1/a", "fraud/1/b/c", "fraud/10/a")
    itself, *_, deep = (replace(OBJECT, key=key) for key in keys[:4])
    page = listed(*(replace(OBJECT, key=key) for key in (keys[0], keys[1], keys[2], keys[4])))
    below = listed(replace(OBJECT, key=keys[2]), deep)
    objects, is_whole, s3 = look(S3Uri(bucket=BUCKET, key="fraud/1", is_prefix=True), page, below)
    assert ([found.key for found in objects], is_whole) == ([itself.key, keys[2], deep.key], True)
    assert [request["Prefix"] for request in s3.of("ListObjectVersions")] == ["fraud/1", "fraud/1/"]


@pytest.mark.parametrize(
    "page",
    [
        {"IsTruncated": False},
        listed(LONGER),
        {"IsTruncated": False, "Versions": [older(OBJECT, "v0")], "DeleteMarkers": [a_deletion(DATA.key)]},
    ],
    ids=["nothing", "a longer key", "a deleted object"],
)
def test_what_isnt_there_is_nothing(page: Mapping[str, Any]) -> None:
    assert look(DATA, page)[:2] == ([], True)


def test_a_bucket_without_versions_has_one_called_null() -> None:
    assert look(DATA, listed(replace(OBJECT, version_id="null")))[0][0].version_id == "null"


def test_a_prefix_is_every_object_on_every_page() -> None:
    more = listed(OBJECT) | {"IsTruncated": True, "NextKeyMarker": OBJECT.key, "NextVersionIdMarker": "v1"}
    objects, is_whole, s3 = look(FOLDER, more, listed(LONGER))
    assert (objects, is_whole) == ([OBJECT, LONGER], True)
    assert [request.get("KeyMarker") for request in s3.of("ListObjectVersions")] == [None, OBJECT.key]


@pytest.mark.parametrize(("truncated", "is_whole"), [(True, False), (False, True)])
def test_more_than_anybody_looks_at_is_not_taken_for_all(*, truncated: bool, is_whole: bool) -> None:
    size = MOST_LISTED // 10
    page = {
        "Versions": [older(OBJECT, str(each)) for each in range(size - 1)],
        "DeleteMarkers": [a_deletion(LONGER.key)],
    }
    more = page | {"IsTruncated": True, "NextKeyMarker": OBJECT.key}
    pages = [more | {"NextVersionIdMarker": str(each)} for each in range(9)]
    last = (more if truncated else page) | {"IsTruncated": truncated, "NextVersionIdMarker": "last"}
    objects, whole, s3 = look(FOLDER, *pages, last)
    assert (objects, whole, len(s3.calls)) == ([], is_whole, 10)


@pytest.mark.parametrize(("error", "kind"), [("AccessDenied", RefusedError), ("SlowDown", ThrottledError)])
def test_a_refusal_names_the_address(error: str, kind: type[Exception]) -> None:
    with pytest.raises(kind, match=f"list {DATA}"):
        look(DATA, refusal(error))


@pytest.mark.parametrize(("algorithm", "key"), [("AES256", None), ("aws:kms", None), ("aws:kms", "alias/aws/s3")])
def test_a_bucket_says_what_it_encrypts_with(algorithm: str, key: str | None) -> None:
    s3 = Scripted("s3", GetBucketEncryption=encrypted(algorithm, key), GetBucketAcl={"Owner": {"ID": "dev's"}})
    found = artifacts.encryption(s3.client, BUCKET, DEV)
    assert found == Encryption(bucket=BUCKET, algorithm=algorithm, key=key, owner="dev's")
    for operation in ("GetBucketEncryption", "GetBucketAcl"):
        assert s3.of(operation) == [{"Bucket": BUCKET, "ExpectedBucketOwner": DEV}]


def test_whose_a_bucket_is_may_stay_unknown() -> None:
    s3 = Scripted("s3", GetBucketEncryption=encrypted(), GetBucketAcl=refusal("AccessDenied"))
    assert artifacts.encryption(s3.client, BUCKET, DEV).owner == ""
    s3 = Scripted("s3", GetBucketEncryption=encrypted(), GetBucketAcl=refusal("SlowDown"))
    with pytest.raises(ThrottledError):
        artifacts.encryption(s3.client, BUCKET, DEV)


def test_a_list_says_the_class_and_the_owner_of_an_object() -> None:
    (version,) = listed(OBJECT)["Versions"]
    page = {"Versions": [{**version, "StorageClass": "GLACIER", "Owner": {"ID": "dev's"}}], "IsTruncated": False}
    (found,), _, _ = look(DATA, page)
    assert (found.storage_class, found.owner) == ("GLACIER", "dev's")


@pytest.mark.parametrize(
    ("answer", "there"),
    [
        ({"imageDetails": [{"imageDigest": "sha256:a"}]}, True),
        (refusal("ImageNotFoundException"), False),
        (refusal("RepositoryNotFoundException"), False),
    ],
)
def test_an_image_of_a_digest_may_be_gone(answer: Answer, *, there: bool) -> None:
    ecr = Scripted("ecr", DescribeImages=answer)
    assert artifacts.is_there(ecr.client, REPOSITORY, "sha256:a") is there
    assert ecr.of("DescribeImages")[0]["imageIds"] == [{"imageDigest": "sha256:a"}]


def test_a_tag_stands_for_a_digest() -> None:
    ecr = Scripted("ecr", DescribeImages={"imageDetails": [{"imageDigest": "sha256:a"}]})
    assert artifacts.image(ecr.client, REPOSITORY, IMAGE) == Image(uri=IMAGE, digest="sha256:a")
    (request,) = ecr.of("DescribeImages")
    assert request == {"registryId": DEV, "repositoryName": "team/serving", "imageIds": [{"imageTag": "1.4"}]}


@pytest.mark.parametrize("code", ["ImageNotFoundException", "RepositoryNotFoundException"])
def test_a_tag_that_isnt_there_stands_for_nothing(code: str) -> None:
    ecr = Scripted("ecr", DescribeImages=refusal(code))
    assert artifacts.image(ecr.client, REPOSITORY, IMAGE) == Image(uri=IMAGE, digest="")


def test_a_tag_that_may_not_be_looked_up_is_an_error() -> None:
    with pytest.raises(RefusedError, match=f"look up {IMAGE}"):
        artifacts.image(Scripted("ecr", DescribeImages=refusal("AccessDeniedException")).client, REPOSITORY, IMAGE)


def test_what_was_written_or_deleted_since_is_told_by_every_version() -> None:
    since = NOON + timedelta(seconds=5, milliseconds=300)
    second = since.replace(microsecond=0)
    times = {"churn/before": NOON, "churn/that-second": second, "churn/after": since + timedelta(hours=1)}
    versions = [{**older(replace(OBJECT, key=key), "v0"), "LastModified": at} for key, at in times.items()]
    markers = [{**a_deletion("churn/deleted"), "LastModified": second}, a_deletion("churn/deleted-before")]
    s3 = Scripted("s3", ListObjectVersions={"Versions": versions, "DeleteMarkers": markers, "IsTruncated": False})
    found = artifacts.written_since(s3.client, FOLDER, DEV, since)
    assert found == ("churn/after", "churn/deleted", "churn/that-second")
    (request,) = s3.of("ListObjectVersions")
    assert (request["Prefix"], request["ExpectedBucketOwner"]) == (FOLDER.key, DEV)
