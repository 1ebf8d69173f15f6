"""A model is in if a rule lets it in, none keeps it out, and nothing else speaks against it."""

from datetime import timedelta

import pytest

from stagegate.rules.hubs import Allow, Doubtful, KeepOut, Unknown
from stagegate.subjects.hubs.curate import Remark, Verdict, curate, curate_all
from tests.support.builders import CREATED
from tests.support.hubs import a_model, hub_rules

NAME = "meta-textgeneration-llama-3-8b"
LONG = "meta-textgeneration-" + "x" * 50


def is_in(rules: object, **model: object) -> bool:
    return curate(rules, a_model(**model)).is_in  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("allow", "expected"),
    [
        (Allow(filter="framework == meta"), True),
        (Allow(filter="framework == ai21"), False),
        (Allow(ids=(NAME,)), True),
        (Allow(ids=(NAME.upper(),)), False),
        (Allow(names=("meta-*-8b",)), True),
        (Allow(names=("meta-*-8",)), False),
        (Allow(names=("Meta-*",)), False),
        (Allow(names=("*llama*", "ai21-*")), True),
        (Allow(names=("meta.textgeneration.llama.3.8b",)), False),
    ],
)
def test_by_filter_by_id_and_by_pattern(allow: Allow, *, expected: bool) -> None:
    assert is_in(hub_rules(allow)) is expected


@pytest.mark.parametrize(
    "keep_out", [KeepOut(filter="task == textgeneration"), KeepOut(ids=(NAME,)), KeepOut(names=("*-8b",))]
)
def test_what_is_kept_out_stays_out_whatever_lets_it_in(keep_out: KeepOut) -> None:
    rules = hub_rules(Allow(ids=(NAME,)), Allow(filter="true"), keep_out=(keep_out,))
    assert curate(rules, a_model()) == Verdict(is_in=False)


def test_a_document_is_asked_for_only_where_the_listing_does_not_tell() -> None:
    rules = hub_rules(Allow(filter="framework == meta and training_supported == true"))
    assert not curate(rules, a_model("ai21-summarization-x")).needs_document
    requested = curate(rules, a_model())
    assert (requested.needs_document, requested.is_in, requested.missing) == (
        True,
        False,
        frozenset({"training_supported"}),
    )
    assert curate(rules, a_model(document={"TrainingSupported": True})).is_in
    assert not curate(rules, a_model(document={"TrainingSupported": False})).is_in


def test_what_no_document_can_tell_does_not_ask_for_one() -> None:
    verdict = curate(hub_rules(Allow(filter="languages includes en")), a_model())
    assert verdict == Verdict(is_in=False, remarks=(Remark.UNKNOWN_FIELD,), missing=frozenset({"languages"}))


@pytest.mark.parametrize(("unknown", "expected"), [(Unknown.LEAVE_OUT, False), (Unknown.LET_IN, True)])
def test_what_cannot_be_known_is_left_out_and_reported_unless_the_rule_says_otherwise(
    unknown: Unknown, *, expected: bool
) -> None:
    model = a_model(document={})
    verdict = curate(hub_rules(Allow(filter="license == mit", unknown=unknown)), model)
    assert (verdict.is_in, verdict.remarks) == (expected, (Remark.UNKNOWN_FIELD,))
    verdict = curate(hub_rules(keep_out=(KeepOut(filter="license == mit", unknown=unknown),)), model)
    assert (verdict.is_in, verdict.remarks) == (expected, (Remark.UNKNOWN_FIELD,))


def test_of_several_keep_outs_that_cannot_be_known_the_strictest_counts() -> None:
    unknowns = (
        KeepOut(filter="license == mit", unknown=Unknown.LET_IN),
        KeepOut(filter="provider == meta", unknown=Unknown.LEAVE_OUT),
    )
    assert not curate(hub_rules(keep_out=unknowns), a_model(document={})).is_in


def test_the_highest_minimum_of_the_rules_that_let_it_in() -> None:
    rules = hub_rules(
        Allow(filter="framework == meta", minimum="1.9.0"),
        Allow(ids=(NAME,), minimum="1.10.0"),
        Allow(ids=("other",), minimum="7.0.0"),
    )
    assert curate(rules, a_model()).minimum == "1.10.0"


@pytest.mark.parametrize(
    ("version", "expected"),
    [("2.1.1", True), ("2.1.0", False), ("2.0.9", False), ("10.0.0", True), ("20241010", False)],
)
def test_a_model_whose_latest_version_is_not_above_the_minimum_is_reported(version: str, *, expected: bool) -> None:
    verdict = curate(hub_rules(Allow(filter="true", minimum="2.1.0")), a_model(version=version))
    assert (verdict.is_in, verdict.remarks) == (expected, () if expected else (Remark.BELOW_MINIMUM,))


@pytest.mark.parametrize("do", Doubtful)
@pytest.mark.parametrize(("support", "remark"), [("Deprecated", Remark.DEPRECATED), ("Restricted", Remark.RESTRICTED)])
def test_deprecated_and_restricted_models_as_the_rules_say(do: Doubtful, support: str, remark: Remark) -> None:
    verdict = curate(hub_rules(deprecated=do, restricted=do), a_model(support=support))
    assert (verdict.is_in, verdict.remarks) == (do is Doubtful.FLAG, (remark,))


def test_a_name_that_no_reference_can_have() -> None:
    verdict = curate(hub_rules(Allow(filter="true")), a_model(LONG))
    assert (verdict.is_in, verdict.remarks) == (False, (Remark.NAME_TOO_LONG,))
    assert curate(hub_rules(Allow(filter="true")), a_model(LONG[:63])).is_in


def test_a_version_that_nobody_has_reviewed_waits() -> None:
    day = CREATED.strftime("%Y-%m-%d")
    rules = hub_rules(Allow(filter="framework == meta", reviewed=day))
    assert curate(rules, a_model()).is_in
    newer = a_model(created=CREATED + timedelta(days=1))
    assert curate(rules, newer).remarks == (Remark.NOT_REVIEWED,)
    assert not curate(rules, newer).is_in
    looked_at = hub_rules(Allow(filter="framework == meta", reviewed=day), Allow(ids=(NAME,)))
    assert curate(looked_at, newer).is_in


def test_the_whole_hub() -> None:
    rules = hub_rules(Allow(filter="framework == meta and license == mit", minimum="1.0.0"))
    models = [
        a_model("meta-a-b", "@license:mit"),
        a_model("meta-a-c", document={}),
        a_model("meta-a-d"),
        a_model("meta-a-e", "@license:mit", support="Restricted"),
        a_model("ai21-a-b"),
    ]
    found = curate_all(rules, models)
    assert found.models == {"meta-a-b": "1.0.0"}
    assert found.remarks == {Remark.UNKNOWN_FIELD: ("meta-a-c",), Remark.RESTRICTED: ("meta-a-e",)}
    assert found.missing == {"license": ("meta-a-c",)}
    assert found.unread == ("meta-a-d",)


def test_rules_that_are_about_no_model_are_told_apart_from_those_that_are() -> None:
    rules = hub_rules(
        Allow(filter="framework == meta"),
        Allow(filter="framework == mete"),
        Allow(names=("mete-*", "metta-*")),
        Allow(ids=("meta-a-b", "meta-a-x")),
        keep_out=(KeepOut(names=("*-b",)), KeepOut(names=("*-z",)), KeepOut(ids=("meta-a-y",))),
    )
    found = curate_all(rules, [a_model("meta-a-b"), a_model("meta-a-c")])
    assert found.unpublished == ("meta-a-x", "meta-a-y")
    assert found.idle == ("allow[1] (framework == mete)", "allow[2] (mete-*, metta-*)", "keep_out[1] (*-z)")
