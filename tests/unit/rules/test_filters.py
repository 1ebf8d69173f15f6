"""Filters are spelled as in the SageMaker Python SDK, and mean what they look like."""

import pytest

from stagegate.rules.filters.fields import FIELDS, value_of
from stagegate.rules.filters.grammar import parse
from stagegate.rules.filters.model import Truth, evaluate
from stagegate.rules.filters.public_model import PublicModel
from stagegate.rules.filters.words import FilterError
from tests.support.hubs import a_model

LLAMA = a_model(
    "meta-textgeneration-llama-3-8b",
    "@provider:meta",
    "@license:llama 3",
    "@task:text generation",
    "@model-type:open_weights",
    "@language:en",
    "@language:de",
    document={"TrainingSupported": True, "GatedBucket": True, "Url": "https://ai.meta.com/llama"},
)
SHORT = a_model("arcee-lite", document={})


def answer(text: str, model: PublicModel = LLAMA) -> str:
    return evaluate(parse(text), lambda requested: value_of(requested, model)).truth.value


# What the SDK evaluates to TRUE or FALSE for this model, and so do we: facts of jumpstart/filters.py.
@pytest.mark.parametrize(
    ("text", "truth"),
    [
        ("framework === meta", "true"),
        ("framework == meta", "true"),
        ("framework equals meta", "true"),
        ("framework is meta", "true"),
        ("framework !== meta", "false"),
        ("framework != meta", "false"),
        ("framework not equals meta", "false"),
        ("framework is not meta", "false"),
        ('task in ["textgeneration", "ic"]', "true"),
        ('task not in ["textgeneration", "ic"]', "false"),
        ("search_keywords includes @provider:meta", "true"),
        ("search_keywords contains @provider:meta", "true"),
        ("search_keywords not includes @provider:meta", "false"),
        ("search_keywords not contains @provider:ai21", "true"),
        ("model_id begins with meta-", "true"),
        ("model_id starts with huggingface-", "false"),
        ("model_id ends with -8b", "true"),
        ("model_id includes llama", "true"),
        ("version equals 2.0.1", "true"),
        ("deprecated equals false", "true"),
        ("training_supported == True", "true"),
        ("model_type is open_weights", "true"),
        ("model_type == marketplace", "false"),
        ("framework == Meta", "false"),
        ("true", "true"),
        ("not false", "true"),
    ],
)
def test_as_the_sdk(text: str, truth: str) -> None:
    assert answer(text) == truth


@pytest.mark.parametrize(
    ("text", "truth", "sdk"),
    [
        ('framework == "meta"', "true", "quotes belong to the value, so false"),
        ("task in [ic, textgeneration]", "true", "a substring test of the text in brackets"),
        ("task in [textgenerations]", "false", "true: textgeneration is a substring of it"),
        ("model_type in [marketplace, open_weights]", "true", "no mapping of marketplace in lists"),
        ("provider == Meta", "true", "no such field: no model at all"),
        ("license == LLAMA-3", "true", "no such field"),
        ("hub_task == text-generation", "true", "no such field"),
        ("languages includes DE", "true", "no such field"),
        ("hosting_eula_uri != x", "unknown", "true: nothing is unequal to everything"),
        ("fine_tuning_supported == false", "unknown", "true: what isn't said is false"),
        ("framework == meta and (task == ic or not license == mit)", "true", "no words between comparisons"),
        ("not task == ic or framework == ai21 and version == 1.0.0", "true", "likewise; and binds before or"),
    ],
)
def test_where_the_sdk_means_something_else(text: str, truth: str, sdk: str) -> None:
    assert answer(text) == truth, f"the SDK: {sdk}"


@pytest.mark.parametrize(
    ("text", "found", "allowed"),
    [
        ("", "its end", "model_id, framework"),
        ("Task == ic", '"Task" at character 1', 'did you mean "task"?'),
        ("framewrk == meta", '"framewrk" at character 1', 'did you mean "framework"?'),
        ("inference_vulnerable == false", "no hub says", "model_id"),
        ("framework = meta", '"=" at character 11', '"=="'),
        ("framework ! meta", '"!" at character 11', '"!="'),
        ("framework", "its end", "an operator"),
        ("framework like meta", '"like" at character 11', "an operator"),
        ("model_id not begins with meta", '"not" at character 10', "not (FIELD"),
        ("framework ==", "its end", "a value"),
        ("framework == and task == ic", '"and" at character 14', "a value"),
        ('framework == ""', "an empty value for framework", "compared"),
        ("model_id == a == b", '"==" at character 15', "one operator"),
        ("task is in ic", '"in" at character 9', "one operator"),
        ("task in ic", '"ic" at character 9', "a list"),
        ("task in []", '"]" at character 10', "a value"),
        ("task in [ic; od", "its end", '","'),
        ("framework == meta)", '")" at character 18', "the end"),
        ("(framework == meta", "its end", '")"'),
        ("framework == meta task == ic", '"==" at character 24', "one operator"),
        ('provider == "meta', "without its other half", "quotes in pairs"),
        ('"framework" == meta', '"framework" at character 1', "one of model_id, framework"),
        ("training_supported == 1", '"1" for training_supported', '"true" or "false"'),
        ("training_supported includes true", '"includes" for training_supported', '"=="'),
        ("languages == en", '"==" for languages', '"includes"'),
        ("capabilities begins with t", '"begins with" for capabilities', '"includes"'),
        ("unknown", '"unknown"', "one of model_id, framework"),
        ("not", "its end", "model_id"),
    ],
)
def test_what_cannot_be_meant_is_an_error(text: str, found: str, allowed: str) -> None:
    with pytest.raises(FilterError) as raised:
        parse(text)
    assert found in raised.value.found
    assert allowed in raised.value.allowed


@pytest.mark.parametrize("text", ["framework == meta", "task != ic", "task in [ic]", "not task == ic"])
def test_an_id_of_two_segments_has_neither_framework_nor_task(text: str) -> None:
    assert answer(text, SHORT) == "unknown"


def test_an_answer_names_what_is_missing_for_it() -> None:
    requested = parse("provider == meta and (license == mit or training_supported == true) and framework == x")
    found = evaluate(requested, lambda field: value_of(field, SHORT))
    assert found.truth is Truth.UNKNOWN
    assert found.missing == {"provider", "license", "training_supported", "framework"}


def test_what_is_missing_does_not_matter_where_the_rest_decides() -> None:
    assert answer("provider == meta and model_id == x", SHORT) == "false"
    assert answer("provider == meta or model_id == arcee-lite", SHORT) == "true"


def test_keywords_that_were_cut_off_are_not_taken_for_all() -> None:
    many = a_model("a-b-c", *(f"@language:l{n}" for n in range(50)))
    assert answer("languages includes l7", many) == "true"
    assert answer("languages includes en", many) == "unknown"
    assert answer("search_keywords includes en", many) == "unknown"
    fewer = a_model("a-b-c", *(f"@language:l{n}" for n in range(49)))
    assert answer("languages includes en", fewer) == "false"


def test_two_values_where_one_is_asked_for_are_not_known() -> None:
    assert answer("provider == meta", a_model("a-b-c", "@provider:meta", "@provider:other")) == "unknown"


def test_the_document_answers_what_the_listing_does_not() -> None:
    model = a_model(
        "a-b-c", document={"Provider": "Meta", "ModelTypes": ("OPEN_WEIGHTS",), "Capabilities": ("TRAINING",)}
    )
    assert answer("provider == meta and model_type == open_weights and capabilities includes training", model) == "true"
    assert answer("provider == meta", a_model("a-b-c", "@provider:ai21", document={"Provider": "Meta"})) == "false"


def test_no_support_status_is_not_supported() -> None:
    assert answer("deprecated == false", a_model(support=None)) == "unknown"
    assert answer("support_status == restricted", a_model(support="Restricted")) == "true"
    assert answer("deprecated == true", a_model(support="Deprecated")) == "true"


def test_every_field_is_asked_by_its_own_name() -> None:
    assert all(name == field.name for name, field in FIELDS.items())
