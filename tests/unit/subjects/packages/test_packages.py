"""What a package is made of, and where that lies."""

from dataclasses import replace

import pytest

from stagegate.core.addresses import Repository, S3Uri, repository_of, s3_uri, tag_of
from stagegate.subjects.packages.model import Container, content_hash
from tests.support.builders import AUTHOR, CREATED
from tests.support.packages import CONTAINER, DATA, a_package

OTHER = Container(image_uri="other", data_uris=(replace(DATA, key="other"),))


@pytest.mark.parametrize(
    "changed",
    [
        replace(CONTAINER, image_uri="other"),
        replace(CONTAINER, image_digest=f"sha256:{'b' * 64}"),
        replace(CONTAINER, data_uris=(replace(DATA, key="churn/3/other"),)),
        replace(CONTAINER, data_uris=(replace(DATA, is_prefix=True),)),
        replace(CONTAINER, data_uris=()),
        replace(CONTAINER, unreadable=("https://elsewhere/model",)),
        replace(CONTAINER, environment=(("SAGEMAKER_SUBMIT_DIRECTORY", "s3://elsewhere/code.tar.gz"),)),
    ],
)
def test_another_image_or_other_data_is_another_content(changed: Container) -> None:
    assert content_hash([changed]) != content_hash([CONTAINER])


def test_the_order_of_a_pipeline_counts_and_that_of_one_containers_data_does_not() -> None:
    assert content_hash([CONTAINER, OTHER]) != content_hash([OTHER, CONTAINER])
    both = (DATA, OTHER.data_uris[0])
    assert content_hash([replace(CONTAINER, data_uris=both)]) == content_hash(
        [replace(CONTAINER, data_uris=both[::-1])]
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("s3://bucket/a/b", S3Uri(bucket="bucket", key="a/b")),
        ("s3://bucket/a?b*$c", S3Uri(bucket="bucket", key="a?b*$c")),
        ("s3://bucket/", None),
        ("s3://bucket", None),
        ("s3://Bucket/a", None),
        ("https://bucket.s3.us-east-1.amazonaws.com/a", None),
    ],
)
def test_data_is_an_object_of_a_bucket_or_unreadable(text: str, expected: S3Uri | None) -> None:
    assert s3_uri(text) == expected
    assert expected is None or str(expected) == text


@pytest.mark.parametrize(
    "image",
    [
        "111122223333.dkr.ecr.us-east-1.amazonaws.com/team/serving",
        "111122223333.dkr.ecr.us-east-1.amazonaws.com/team/serving:1.4",
        f"111122223333.dkr.ecr.us-east-1.amazonaws.com/team/serving@sha256:{'a' * 64}",
        f"111122223333.dkr.ecr.us-east-1.amazonaws.com/team/serving:1.4@sha256:{'a' * 64}",
        "111122223333.dkr.ecr-fips.us-east-1.amazonaws.com/team/serving:1",
        "111122223333.dkr.ecr.us-east-1.amazonaws.com.cn/team/serving:1",
        "111122223333.dkr-ecr.us-east-1.on.aws/team/serving:1",
    ],
)
def test_an_image_is_in_a_repository(image: str) -> None:
    assert repository_of(image) == Repository(account="111122223333", region="us-east-1", name="team/serving")


@pytest.mark.parametrize(
    "image", ["", "python:3.11", "public.ecr.aws/x/y:1", "evil.com/111122223333.dkr.ecr.us-east-1.amazonaws.com/x"]
)
def test_an_image_of_another_registry_is_in_none(image: str) -> None:
    assert repository_of(image) is None


def test_sagemakers_word_for_who_set_the_status_is_taken_of_a_creation_only() -> None:
    created = a_package(modified=None).last_change
    assert created is not None
    assert (created.actor, created.at) == (AUTHOR, CREATED)
    assert a_package(modified=1).last_change is None
    assert a_package(modified=None, by=None).last_change is None


@pytest.mark.parametrize(
    ("image", "tag"),
    [
        ("111122223333.dkr.ecr.us-east-1.amazonaws.com/team/serving:1.4", "1.4"),
        ("111122223333.dkr.ecr.us-east-1.amazonaws.com/team/serving", "latest"),
        (f"111122223333.dkr.ecr.us-east-1.amazonaws.com/team/serving@sha256:{'a' * 64}", None),
        (f"111122223333.dkr.ecr.us-east-1.amazonaws.com/team/serving:1.4@sha256:{'a' * 64}", None),
    ],
)
def test_an_image_is_named_by_its_tag_or_by_its_digest(image: str, tag: str | None) -> None:
    assert tag_of(image) == tag
