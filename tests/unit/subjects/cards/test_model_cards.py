"""A card is read as SageMaker has it; what decides access is taken from it and nothing is made up."""

import json
from typing import Any

import pytest

from stagegate.approvals.principals import Actor
from stagegate.core.errors import RefusedError, UnknownStatusError
from stagegate.core.statuses import CardStatus, RiskRating
from stagegate.subjects.cards import observe as model_cards
from tests.support.builders import CARD_ARN, CREATED, NOON, at, the_subject
from tests.support.scripted import Answer, Scripted, refusal

PROFILE = "arn:aws:sagemaker:us-east-1:111122223333:user-profile/d-1/somebody"
CONTENT = {
    "model_overview": {"model_description": "Predicts churn."},
    "intended_uses": {"risk_rating": "Low"},
    "training_details": {},
    "evaluation_details": [],
}
MISSING = refusal("ResourceNotFound")


def described(content: Any = CONTENT, **more: Any) -> dict[str, Any]:
    return {
        "ModelCardArn": CARD_ARN,
        "ModelCardName": "churn",
        "ModelCardVersion": 3,
        "Content": json.dumps(content),
        "ModelCardStatus": "Approved",
        "CreationTime": CREATED,
        "CreatedBy": {},
        **more,
    }


def version(number: int, created: float) -> dict[str, Any]:
    return {
        "ModelCardName": "churn",
        "ModelCardArn": CARD_ARN,
        "ModelCardStatus": "Approved",
        "ModelCardVersion": number,
        "CreationTime": at(created),
    }


def test_a_card_is_what_decides_its_access() -> None:
    sagemaker = Scripted(
        "sagemaker", DescribeModelCard=described(LastModifiedTime=NOON, SecurityConfig={"KmsKeyId": "key-1"})
    )
    card = model_cards.observe(sagemaker.client, the_subject())
    assert card is not None
    assert (card.status, card.version, card.risk) == (CardStatus.APPROVED, 3, RiskRating.LOW)
    assert card.sections == {"model_overview", "intended_uses"}
    assert (card.created, card.last_modified, card.kms_key) == (CREATED, NOON, "key-1")
    assert (card.overview, card.last_change) == ("Predicts churn.", None)
    assert card.content_hash == model_cards.content_hash(CONTENT)


def test_a_section_that_says_nothing_is_none() -> None:
    content = {
        "model_overview": {"model_description": ""},
        "intended_uses": {"risk_rating": "Unknown"},
        "business_details": {"business_problem": " \u200b\n", "line_of_business": None},
        "training_details": {"training_observations": "", "training_job_details": {"training_datasets": []}},
        "evaluation_details": [{"name": "", "metric_groups": [{"name": "", "metric_data": []}]}],
        "additional_information": {"caveats_and_recommendations": "none known", "ethical_considerations": ""},
    }
    card = model_cards.observe(Scripted("sagemaker", DescribeModelCard=described(content)).client, the_subject())
    assert card is not None
    assert card.sections == {"additional_information"}


@pytest.mark.parametrize(
    "text",
    ["not json", "[]", "null", "7", '"text"', "{", "[" * 100_000, '{"intended_uses": {"risk_rating": "Low"}} and more'],
)
def test_content_that_is_no_json_object_says_nothing_and_is_what_it_is(text: str) -> None:
    cards = [
        model_cards.observe(
            Scripted("sagemaker", DescribeModelCard={**described(), "Content": each}).client, the_subject()
        )
        for each in (text, text, f"{text} ")
    ]
    assert all(card is not None for card in cards)
    hashes = [card.content_hash for card in cards if card]
    assert hashes[0] == hashes[1] != hashes[2]
    assert cards[0]
    assert not cards[0].sections
    assert (cards[0].risk, cards[0].overview) == (RiskRating.UNKNOWN, "")


@pytest.mark.parametrize("odd", [{"intended_uses": ["Low"], "model_overview": "text"}, {"intended_uses": None}])
def test_sections_of_another_shape_say_no_risk(odd: Any) -> None:
    card = model_cards.observe(Scripted("sagemaker", DescribeModelCard=described(odd)).client, the_subject())
    assert card is not None
    assert (card.risk, card.overview) == (RiskRating.UNKNOWN, "")


def test_a_byte_order_mark_and_half_a_surrogate_pair_are_read() -> None:
    text = '\ufeff{"model_overview": {"model_description": "half \\ud800"}, "intended_uses": {"risk_rating": "Low"}}'
    sagemaker = Scripted("sagemaker", DescribeModelCard={**described(), "Content": text})
    card = model_cards.observe(sagemaker.client, the_subject())
    assert card is not None
    assert card.risk is RiskRating.LOW
    assert card.sections == {"model_overview", "intended_uses"}
    assert card.content_hash == model_cards.content_hash(json.loads(text.removeprefix("\ufeff")))


def test_a_card_that_was_never_changed_was_last_modified_when_it_was_made() -> None:
    card = model_cards.observe(Scripted("sagemaker", DescribeModelCard=described()).client, the_subject())
    assert card is not None
    assert card.last_modified == CREATED


@pytest.mark.parametrize(
    ("rating", "expected"),
    [
        ("High", RiskRating.HIGH),
        ("medium", RiskRating.MEDIUM),
        ("LOW", RiskRating.LOW),
        ("none", RiskRating.UNKNOWN),
        (None, RiskRating.UNKNOWN),
        (3, RiskRating.UNKNOWN),
    ],
)
def test_a_risk_is_known_in_any_case_or_unknown(rating: object, expected: RiskRating) -> None:
    answer = described({"intended_uses": {"risk_rating": rating}})
    card = model_cards.observe(Scripted("sagemaker", DescribeModelCard=answer).client, the_subject())
    assert card is not None
    assert card.risk is expected


@pytest.mark.parametrize(
    "answer",
    [
        MISSING,
        refusal("ResourceNotFoundException"),
        *(
            described(ModelCardProcessingStatus=status)
            for status in ("DeleteInProgress", "DeletePending", "ContentDeleted", "ExportJobsDeleted", "DeleteFailed")
        ),
    ],
)
def test_a_card_that_is_deleted_or_being_deleted_is_none(answer: Answer) -> None:
    assert model_cards.observe(Scripted("sagemaker", DescribeModelCard=answer).client, the_subject()) is None


def test_a_status_that_sagemaker_invents_is_refused() -> None:
    sagemaker = Scripted("sagemaker", DescribeModelCard=described(ModelCardStatus="Retired"))
    with pytest.raises(UnknownStatusError, match=r"found status 'Retired'; allowed: Draft, PendingReview, Approved"):
        model_cards.observe(sagemaker.client, the_subject())


def test_a_denied_read_is_not_a_deleted_card() -> None:
    sagemaker = Scripted("sagemaker", DescribeModelCard=refusal("AccessDeniedException"))
    with pytest.raises(RefusedError, match=f"read {CARD_ARN}"):
        model_cards.observe(sagemaker.client, the_subject())


class TestWhoChangedItLast:
    def seen(self, by: dict[str, Any], newest: float = -60) -> Any:
        sagemaker = Scripted(
            "sagemaker",
            DescribeModelCard=described(LastModifiedTime=at(0), LastModifiedBy=by),
            ListModelCardVersions={"ModelCardVersionSummaryList": [version(3, newest)]},
        )
        card = model_cards.observe(sagemaker.client, the_subject())
        assert card is not None
        return card.last_change

    def test_is_the_studio_user_whom_sagemaker_names(self) -> None:
        change = self.seen({"UserProfileArn": PROFILE})
        assert (change.actor, change.at) == (Actor(arn=PROFILE), at(0))

    def test_is_the_identity_where_sagemaker_names_one(self) -> None:
        change = self.seen({"IamIdentity": {"Arn": "arn:aws:iam::1:user/somebody", "SourceIdentity": "somebody"}})
        assert change.actor == Actor(arn="arn:aws:iam::1:user/somebody", source_identity="somebody")

    @pytest.mark.parametrize("newest", [0, 0.5])
    def test_is_nobody_where_the_last_change_was_an_edit(self, newest: float) -> None:
        assert self.seen({"UserProfileArn": PROFILE}, newest) is None

    def test_is_nobody_where_sagemaker_names_nobody(self) -> None:
        assert self.seen({"UserProfileName": "somebody"}) is None


def test_all_versions_are_listed_and_none_of_a_card_that_is_gone() -> None:
    sagemaker = Scripted(
        "sagemaker",
        ListModelCardVersions=[
            {"ModelCardVersionSummaryList": [version(1, 0)], "NextToken": "more"},
            {"ModelCardVersionSummaryList": [version(2, 60)]},
        ],
    )
    assert [v["ModelCardVersion"] for v in model_cards.versions(sagemaker.client, "churn")] == [1, 2]
    assert model_cards.versions(Scripted("sagemaker", ListModelCardVersions=MISSING).client, "churn") == []


SEALED = {"SecurityConfig": {"KmsKeyId": "key-1"}}


class TestAnEncryptedCard:
    def sealed(self, key: dict[str, Any]) -> Scripted:
        """SageMaker for a caller who may not use the key."""

        def describe(request: Any) -> Any:
            if request.get("IncludedData") == "MetadataOnly":
                return described({"intended_uses": {"risk_rating": "Low"}}, **key)
            return refusal("AccessDeniedException")

        return Scripted("sagemaker", DescribeModelCard=describe)

    def test_that_we_can_decrypt_is_like_any_other(self) -> None:
        sagemaker = Scripted("sagemaker", DescribeModelCard=described(**SEALED))
        card = model_cards.observe(sagemaker.client, the_subject())
        assert card is not None
        assert (card.is_sealed, card.content_hash) == (False, model_cards.content_hash(CONTENT))
        assert model_cards.content_hash_of(sagemaker.client, "churn", 2) == model_cards.content_hash(CONTENT)

    def test_that_we_cant_is_sealed_and_its_content_has_no_hash(self) -> None:
        sagemaker = self.sealed(SEALED)
        card = model_cards.observe(sagemaker.client, the_subject())
        assert card is not None
        assert (card.is_sealed, card.kms_key, card.status) == (True, "key-1", CardStatus.APPROVED)
        assert model_cards.content_hash_of(sagemaker.client, "churn", 2) is None

    def test_without_a_key_is_refused_and_not_sealed(self) -> None:
        with pytest.raises(RefusedError):
            model_cards.observe(self.sealed({}).client, the_subject())


def test_the_hash_of_a_version_is_that_of_its_content() -> None:
    sagemaker = Scripted("sagemaker", DescribeModelCard=described())
    assert model_cards.content_hash_of(sagemaker.client, "churn", 2) == model_cards.content_hash(CONTENT)
    assert sagemaker.of("DescribeModelCard") == [{"ModelCardName": "churn", "ModelCardVersion": 2}]
    assert model_cards.content_hash_of(Scripted("sagemaker", DescribeModelCard=MISSING).client, "churn", 2) is None


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ('{"a": 1, "b": {"c": "d", "e": 2}}', '{"b":{"e":2,"c":"d"},"a":1}', True),
        ('{"a": ["x", "y"]}', '{"a": ["y", "x"]}', False),
        ('{"a": "x"}', '{"a": "X"}', False),
        ('{"a": "ü"}', '{"a": "\\u00fc"}', True),
    ],
)
def test_content_is_the_same_when_it_says_the_same(one: str, other: str, *, same: bool) -> None:
    hashes = {model_cards.content_hash(json.loads(text)) for text in (one, other)}
    assert (len(hashes) == 1) is same
