"""A subject is of one of the kinds of the registry, and its kind says all that is said of it elsewhere."""

from importlib import import_module
from inspect import isfunction, signature
from pathlib import Path

import pytest

from stagegate.core.arns import Subject
from stagegate.core.errors import UnknownSubjectError
from stagegate.subjects import registry
from stagegate.subjects.parts import Auditing, Listing, Planning, Recording, Speaking, Verifying
from stagegate.subjects.registry import SUBJECTS, Kind, kind_named, kind_of, subject_named
from tests.support.builders import DEV, GOVERNANCE

HERE = f"arn:aws:sagemaker:us-east-1:{GOVERNANCE}"
NAMED = {
    "model-card": f"{HERE}:model-card/churn-2",
    "model-package": f"{HERE}:model-package/churn-group/12",
    "model-package-group": f"{HERE}:model-package-group/churn-group",
    "hub": f"{HERE}:hub/models",
    "guardrail": "guardrail/canvas",
    "account": f"account/{DEV}",
}


def named(text: str) -> Subject:
    return subject_named(text, partition="aws", region="us-east-1", account=GOVERNANCE)


@pytest.mark.parametrize("kind", NAMED)
def test_what_is_named_has_its_kind_and_its_name(kind: str) -> None:
    subject = named(NAMED[kind])
    assert (subject.kind, subject.arn, subject.account) == (kind, NAMED[kind], GOVERNANCE)
    assert NAMED[kind].endswith(f"{kind}/{subject.name}")
    assert kind_of(subject) is kind_named(NAMED[kind]) is SUBJECTS[kind]


def test_what_has_no_arn_is_of_this_stack() -> None:
    subject = subject_named("guardrail/canvas", partition="aws-cn", region="cn-north-1", account=DEV)
    assert (subject.partition, subject.region, subject.account) == ("aws-cn", "cn-north-1", DEV)


@pytest.mark.parametrize(
    "arn",
    [
        "arn:aws:sagemaker:us-east-1:111122223333:model-package/unversioned",
        "arn:aws:sagemaker:us-east-1:111122223333:model-package/churn/one",
        "arn:aws:sagemaker:us-east-1:111122223333:model-package/churn/1/2",
        "arn:aws:sagemaker:us-east-1:111122223333:model-package/churn/*",
        "arn:aws:sagemaker:us-east-1:111122223333:model-package/churn/1234567890",
        "arn:aws:sagemaker:us-east-1:111122223333:model-package-group/churn/1",
        "arn:aws:sagemaker:us-east-1:111122223333:model-package-group/churn*",
        "guardrail/",
        "guardrail/Canvas",
        "guardrail/a/b",
        "account/",
        "account/22223333444",
        f"account/{DEV}1",
        f"account/{DEV}\n",
        f"guardrail/{'a' * 33}",
        "arn:aws:sagemaker:us-east-1:111122223333:guardrail/canvas",
        "hub/models",
        "",
        "churn",
        "arn:aws:sagemaker:us-east-1:111122223333:model/churn",
        "arn:aws:s3:us-east-1:111122223333:model-card/churn",
        "arn:aws:sagemaker::111122223333:model-card/churn",
        "arn:aws:sagemaker:us-east-1::model-card/churn",
        "arn:aws:sagemaker:us-east-1:aws:model-card/churn",
        "arn:aws:sagemaker:us-east-1:11112222333:model-card/churn",
        "arn:aws:sagemaker:us-east-1:١١١١٢٢٢٢٣٣٣٣:model-card/churn",
        "arn:aws:sagemaker:us-east-1:111122223333:model-card/",
        "arn:aws:sagemaker:us-east-1:111122223333:model-card/-churn",
        "arn:aws:sagemaker:us-east-1:111122223333:model-card/churn-",
        "arn:aws:sagemaker:us-east-1:111122223333:model-card/chu*",
        "arn:aws:sagemaker:us-east-1:111122223333:model-card/churn\n",
        "arn:aws:sagemaker:us-east-1:111122223333:model-card/churn/export/1",
        f"arn:aws:sagemaker:us-east-1:111122223333:model-card/{'c' * 64}",
    ],
)
def test_nothing_else_is(arn: str) -> None:
    with pytest.raises(UnknownSubjectError, match=r"subject: found .*; allowed: the ARN of a model card"):
        named(arn)


def test_whoever_names_nothing_hears_of_every_kind() -> None:
    with pytest.raises(UnknownSubjectError) as error:
        named("churn")
    assert str(error.value) == (
        "subject: found 'churn'; allowed: the ARN of a model card,"
        " arn:PARTITION:sagemaker:REGION:ACCOUNT:model-card/NAME,"
        " of a model package, arn:PARTITION:sagemaker:REGION:ACCOUNT:model-package/GROUP/VERSION, of a group of them,"
        " arn:PARTITION:sagemaker:REGION:ACCOUNT:model-package-group/GROUP, or of a private hub,"
        " arn:PARTITION:sagemaker:REGION:ACCOUNT:hub/NAME; or guardrail/NAME; or account/ID"
    )


def test_what_is_of_no_kind_has_none() -> None:
    assert kind_named(f"{HERE}:model/churn") is None
    assert kind_named("churn") is None


@pytest.mark.parametrize("kind", [kind for kind in SUBJECTS.values() if kind.has_arn], ids=lambda kind: kind.name)
def test_one_that_a_member_owns_is_a_finding(kind: Kind) -> None:
    subject = named(NAMED[kind.name].replace(GOVERNANCE, DEV))
    finding = kind.of_a_member(subject, GOVERNANCE)
    assert finding.detail.startswith(f"The {kind.noun} belongs to account {DEV}")
    assert finding.code.startswith("MemberOwned")


ROOMS = Path(registry.__file__).parent
PARTS = {
    "plan": Planning,
    "verify": Verifying,
    "record": Recording,
    "list": Listing,
    "audit": Auditing,
    "word": Speaking,
}


@pytest.mark.parametrize("kind", SUBJECTS.values(), ids=lambda kind: kind.name)
def test_a_kind_lists_the_parts_that_its_room_has(kind: Kind) -> None:
    there = {path.stem for path in (ROOMS / kind.room).glob("*.py")}
    assert there & PARTS.keys() == {"plan", *kind.parts}


@pytest.mark.parametrize(
    ("room", "part"), [(kind.room, part) for kind in SUBJECTS.values() for part in ("plan", *kind.parts)]
)
def test_a_part_offers_what_is_asked_of_it(room: str, part: str) -> None:
    module, asked = import_module(f"stagegate.subjects.{room}.{part}"), PARTS[part]
    for name in asked.__annotations__:
        assert isinstance(getattr(module, name), frozenset), name
    functions = {name: value for name, value in vars(asked).items() if isfunction(value) and not name.startswith("_")}
    assert functions
    for name, function in functions.items():
        wanted = len(signature(function).parameters) - 1
        assert len(signature(getattr(module, name)).parameters) == wanted, name
