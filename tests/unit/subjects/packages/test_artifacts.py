"""What lies at a package's addresses is pinned so that whatever is written there anew is another thing."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from stagegate.approvals.fingerprints import MOST_NAMED, changed
from stagegate.approvals.records import AuditRecord
from stagegate.core.addresses import S3Uri
from stagegate.subjects.packages.artifacts import Artifacts, Data, Image, Stored, with_fingerprints
from tests.support.builders import APPROVER, CREATED, NOON, a_record, at
from tests.support.packages import APPROVED, ARTIFACTS, CONTAINER, DATA, IMAGE, OBJECT, a_package

IMAGES = (Image(uri=IMAGE, digest="sha256:a"),)
FOLDER = S3Uri(bucket="models", key="churn/", is_prefix=True)


def holding(*objects: Stored, images: tuple[Image, ...] = IMAGES) -> Artifacts:
    return Artifacts(data=(Data(uri=DATA, objects=objects),), images=images)


def many(number: int, version: str = "v1") -> Artifacts:
    objects = tuple(replace(OBJECT, key=f"churn/{each:04}", version_id=version) for each in range(number))
    return Artifacts(data=(Data(uri=FOLDER, objects=objects),))


BEFORE = holding(OBJECT)


@pytest.mark.parametrize(
    "now",
    [
        holding(replace(OBJECT, version_id="v2")),
        holding(replace(OBJECT, etag='"abd"')),
        holding(replace(OBJECT, size=8)),
        pytest.param(
            holding(replace(OBJECT, written=OBJECT.written + timedelta(seconds=1))),
            id="written anew in a bucket without versions, perhaps with another file of the same MD5",
        ),
        holding(),
    ],
)
def test_an_object_that_was_written_anew_or_deleted_is_named(now: Artifacts) -> None:
    assert BEFORE.fingerprints != now.fingerprints
    assert changed(BEFORE.fingerprints, now.fingerprints) == (str(DATA),)


def test_an_image_whose_tag_was_moved_is_named() -> None:
    now = holding(OBJECT, images=(Image(uri=IMAGE, digest="sha256:b"),))
    assert changed(BEFORE.fingerprints, now.fingerprints) == (IMAGE,)


def test_an_object_that_came_to_a_prefix_is_named() -> None:
    assert changed(many(2).fingerprints, many(3).fingerprints) == ("s3://models/churn/0002",)


def test_the_same_objects_are_the_same_in_whatever_order_they_came() -> None:
    other = replace(OBJECT, key="another")
    assert holding(OBJECT, other).fingerprints == holding(other, OBJECT).fingerprints
    assert changed(BEFORE.fingerprints, BEFORE.fingerprints) == ()


def test_an_object_below_two_addresses_counts_once() -> None:
    folder = S3Uri(bucket=DATA.bucket, key="churn/", is_prefix=True)
    both = Artifacts(data=(*ARTIFACTS.data, Data(uri=folder, objects=(OBJECT,))))
    assert both.fingerprints == ARTIFACTS.fingerprints


def test_of_many_objects_it_is_known_that_one_has_changed_and_not_which() -> None:
    known, too_many = many(MOST_NAMED).fingerprints, many(MOST_NAMED + 1).fingerprints
    assert (len(known.named), too_many.named) == (MOST_NAMED, ())
    assert too_many.digest != many(MOST_NAMED + 1, "v2").fingerprints.digest
    assert changed(known, too_many) == ()


RECORD = a_record(APPROVED, APPROVER, 0, version=3)


@pytest.mark.parametrize(
    ("record", "created", "written", "is_certain"),
    [
        pytest.param(RECORD, CREATED, -121, True, id="before the call can have been made"),
        pytest.param(RECORD, CREATED, -119, False, id="when it can have been made"),
        pytest.param(RECORD, at(-60), -61, True, id="before the package was there"),
        pytest.param(RECORD, at(-60), -60, False, id="in the second in which it was made"),
        pytest.param(replace(RECORD, moment=at(0.4)), CREATED, -1, True, id="before the change"),
        pytest.param(replace(RECORD, moment=at(0.4)), CREATED, 0, False, id="in the second of the change"),
    ],
)
def test_an_approval_is_about_what_was_there_before_it(
    record: AuditRecord, created: datetime, written: float, *, is_certain: bool
) -> None:
    found = holding(replace(OBJECT, written=at(written)))
    package = a_package(created=created)
    assert (with_fingerprints(record, package, found).fingerprints == found.fingerprints) is is_certain


@pytest.mark.parametrize(
    ("artifacts", "reason"),
    [
        (
            holding(replace(OBJECT, written=NOON)),
            f"{DATA} was written at 2026-03-02 12:00:00 UTC, not before the approval",
        ),
        (holding(), f"nothing was at {DATA}"),
        (Artifacts(), f"{DATA} is in a bucket that governance.toml didn't know"),
        (Artifacts(data=(Data(uri=DATA, objects=(OBJECT,), is_whole=False),)), f"there was too much at {DATA}"),
        (holding(OBJECT, images=(Image(uri=IMAGE, digest=""),)), f"no image was at {IMAGE}"),
    ],
)
def test_what_is_uncertain_is_not_pinned_and_the_record_says_why(artifacts: Artifacts, reason: str) -> None:
    found = with_fingerprints(RECORD, a_package(), artifacts)
    assert found.fingerprints is None
    assert found.not_fingerprinted.startswith(reason)


def test_a_package_without_data_is_pinned_by_its_images() -> None:
    package = a_package(APPROVED, replace(CONTAINER, data_uris=()))
    assert (
        with_fingerprints(RECORD, package, Artifacts(images=IMAGES)).fingerprints
        == Artifacts(images=IMAGES).fingerprints
    )
