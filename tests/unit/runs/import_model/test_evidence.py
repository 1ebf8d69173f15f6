"""A model is of the bytes that were approved, or there is a finding; and what can't be known is said."""

from dataclasses import replace
from datetime import timedelta

import pytest

from stagegate.approvals.entitlement import Entitlement
from stagegate.approvals.fingerprints import MOST_NAMED, MOST_TEXT, Fingerprints, of_data
from stagegate.core.arns import subject_of
from stagegate.runs.import_model.evidence import other_bytes, unseen, written_meanwhile
from stagegate.subjects.packages.artifacts import Artifacts, Data, Image, Stored
from stagegate.subjects.packages.imports.grants import import_desired_grants
from stagegate.targets.model_import import ModelImport
from tests.support.builders import NOON, a_record
from tests.support.imports import WEIGHTS, an_import, import_rules, importable
from tests.support.packages import APPROVED, IMAGE, PACKAGE_ARN

CONFIG = Stored(key="churn/3/config.json", version_id="v1", etag='"a"', size=2, written=NOON)
IMAGES = (Image(uri=IMAGE, digest="sha256:a"),)


def holding(*objects: Stored) -> Data:
    return Data(uri=WEIGHTS, objects=objects)


def many(number: int) -> Data:
    return holding(*(replace(CONFIG, key=f"churn/3/{each:04}") for each in range(number)))


def approved(*data: Data, images: tuple[Image, ...] = ()) -> Fingerprints:
    return of_data(Artifacts(data=data, images=images).fingerprints)


def wanted(fingerprints: Fingerprints) -> ModelImport:
    record = replace(a_record(APPROVED), fingerprints=fingerprints)
    entitled = [Entitlement(stage="prod", write=False, approval=record)]
    desired, _ = import_desired_grants(import_rules(), subject_of(PACKAGE_ARN), importable(), entitled, "stagegate")
    (model,) = [desired_grant.model for desired_grant in desired if desired_grant.model]
    return model


@pytest.mark.parametrize("images", [(), IMAGES], ids=["objects alone", "with images"])
@pytest.mark.parametrize("number", [1, MOST_NAMED, MOST_NAMED + 1])
def test_the_bytes_that_were_approved_are_the_same_whatever_images_there_were(
    number: int, images: tuple[Image, ...]
) -> None:
    fingerprints = approved(many(number), images=images)
    assert other_bytes(an_import(), fingerprints, many(number)) is None
    assert other_bytes(an_import(), fingerprints, many(number + 1)) is not None


@pytest.mark.parametrize(
    ("now", "said"),
    [
        (holding(replace(CONFIG, version_id="v2")), "Since the approval, s3://model-artifacts-dev/churn/3/config.json"),
        (
            holding(CONFIG, replace(CONFIG, key="churn/3/more")),
            "s3://model-artifacts-dev/churn/3/more has been written",
        ),
        (holding(), "s3://model-artifacts-dev/churn/3/config.json has been written anew, moved or deleted."),
    ],
)
def test_other_bytes_are_named(now: Data, said: str) -> None:
    finding = other_bytes(an_import(), approved(holding(CONFIG)), now)
    assert finding is not None
    assert finding.code == "BytesChanged"
    assert said in finding.detail


def test_too_many_to_look_at_are_not_what_was_approved() -> None:
    finding = other_bytes(an_import(), approved(holding(CONFIG)), replace(holding(), is_whole=False))
    assert finding is not None
    assert finding.code == "ArtifactsTooMany"


def test_what_was_written_and_deleted_meanwhile_is_named() -> None:
    assert written_meanwhile(an_import(), ()) is None
    finding = written_meanwhile(an_import(), ["churn/3/more"])
    assert finding is not None
    assert (
        "While Bedrock read s3://model-artifacts-dev/churn/3/, s3://model-artifacts-dev/churn/3/more was written"
        in (finding.detail)
    )


@pytest.mark.parametrize(("version", "is_told"), [("v1", False), ("null", True)])
def test_a_bucket_that_keeps_no_versions_leaves_something_unproven(version: str, *, is_told: bool) -> None:
    finding = unseen(an_import(), holding(CONFIG, replace(CONFIG, version_id=version)))
    assert (finding is not None and "can't be seen" in finding.detail) is is_told


def test_an_import_carries_what_was_approved_and_long_names_stay_behind() -> None:
    fingerprints = Artifacts(data=(holding(CONFIG),), images=IMAGES).fingerprints
    assert wanted(fingerprints).fingerprints == approved(holding(CONFIG))
    later = Artifacts(data=(holding(replace(CONFIG, written=NOON + timedelta(seconds=1))),)).fingerprints
    assert wanted(later).said != wanted(fingerprints).said
    long = of_data(Artifacts(data=(holding(replace(CONFIG, key="x" * MOST_TEXT)),)).fingerprints)
    assert (long.named, long.count) == ((), 1)
