"""No mail has a word of a card, a package or a group outside of quotes, whatever they say."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from stagegate.approvals.principals import Actor
from stagegate.core.addresses import S3Uri
from stagegate.plans.messages import message_of
from stagegate.plans.wording import Planned
from stagegate.rules.model import AfterChange, AfterEdit, LifecycleRule, Unpinned
from stagegate.subjects.cards.entitle import entitle
from stagegate.subjects.groups.decide import Observed, group_plan
from stagegate.subjects.groups.messages import wording as group_wording
from stagegate.subjects.packages.artifact_findings import artifact_blockers
from stagegate.subjects.packages.artifacts import Artifacts, Data, Encryption, Image, Stored
from stagegate.subjects.packages.blockers import reach_blockers, remarks, widened
from stagegate.subjects.packages.contents.environment import shown
from stagegate.subjects.packages.contents.mentions import mentions_in
from stagegate.subjects.packages.entitle import entitle_package
from stagegate.subjects.packages.model import Container, Package
from stagegate.targets.target import Target, TargetType
from tests.support.builders import (
    APPROVED,
    APPROVER,
    AUTHOR,
    DEV,
    a_basis,
    a_card,
    a_message,
    a_plan,
    a_record,
    at,
    some_rules,
    written,
)
from tests.support.groups import GROUP, GROUP_SUBJECT, registering
from tests.support.hostile import A_KEY, HOSTILE, is_harmless, is_shown, told, variants
from tests.support.packages import (
    ACCOUNTS,
    CONTAINER,
    DATA,
    OBJECT,
    a_package,
    package_rules,
    the_package_subject,
    the_plan,
)
from tests.support.packages import a_message as a_package_message

OF_A_GRAMMAR = {"arn", "name", "account", "group", "bucket", "stage", "version", "content_hash", "id", "key"}
"""Fields whose grammar is held where they are read; keys of objects have their own text below."""
BUCKET = Target(
    type=TargetType.BUCKET_POLICY, account=DEV, region="us-east-1", partition="aws", name="model-artifacts-dev"
)


def hostile_actors() -> Iterator[Actor]:
    for actor in (APPROVER, AUTHOR, replace(APPROVER, source_identity="ann")):
        for _, changed in variants(actor):
            yield changed
        yield replace(actor, arn=HOSTILE)


class TestACard:
    """What is written into a card, and who its records name."""

    @pytest.mark.parametrize("asks", [True, False])
    def test_in_every_field(self, *, asks: bool) -> None:
        rules = some_rules(asks=[APPROVED] if asks else [], required_sections=["evaluation_details"])
        seen = 0
        for card in (a_card(), a_card(sealed=True, kms_key="a-key"), a_card(kms_key="a-key")):
            for _, changed in variants(card, OF_A_GRAMMAR):
                entitled = entitle(rules, changed, [a_record()], open_stages=(), now=at(60))
                message = a_message(rules, a_plan(rules, entitled, card=changed), changed)
                is_harmless(message)
                seen += is_shown(message)
        assert seen >= 3

    @pytest.mark.parametrize("after_edit", AfterEdit)
    @pytest.mark.parametrize("four_eyes", [True, False])
    def test_in_every_record(self, after_edit: AfterEdit, *, four_eyes: bool) -> None:
        rules = some_rules(after_edit=after_edit, four_eyes=four_eyes)
        card = a_card(version=2, content="two")
        for actor in hostile_actors():
            for records in (
                [written(actor), a_record(actor=actor)],
                [written(actor, content="two", version=2), a_record(actor=actor, version=2, content="two")],
                [written(actor, content="two", version=2), a_record(version=2, content="two")],
            ):
                for open_ in ((), ("prod",)):
                    entitled = entitle(rules, card, records, open_stages=open_, now=at(60))
                    is_harmless(a_message(rules, a_plan(rules, entitled, card=card), card))


def containers() -> Iterator[Container]:
    """A container with the hostile text in each of its fields, as it is read from SageMaker."""
    image = f"public.ecr.aws/theirs/{HOSTILE}"
    environment = ((HOSTILE, "1"), ("A", HOSTILE), (f"SECRET_TOKEN {HOSTILE}", "hunter2"))
    whole = replace(
        CONTAINER,
        unreadable=("s3:/odd",),
        environment=environment,
        mentions=mentions_in(
            {"A": "s3://model-artifacts-dev/code/ https://x.s3.amazonaws.com/y", "HF_MODEL_ID": "a/b"}
        ),
    )
    yield from (changed for _, changed in variants(whole, OF_A_GRAMMAR))
    yield replace(CONTAINER, image_uri=image, image_digest="")
    yield replace(CONTAINER, data_uris=(S3Uri(bucket="model-artifacts-dev", key=A_KEY, is_prefix=True),))
    yield replace(CONTAINER, data_uris=(S3Uri(bucket="unknown-bucket", key=A_KEY),))
    yield Container(mentions=mentions_in([f"s3://unknown-bucket/{HOSTILE}", f"https://x.s3.amazonaws.com/{HOSTILE}"]))


class TestAPackage:
    """What is written into a package, and what lies at its addresses."""

    def packages(self) -> Iterator[Package]:
        yield from (changed for _, changed in variants(a_package(lifecycle=("a", "b"), kms_key="a-key"), OF_A_GRAMMAR))
        yield from (a_package(a_package().status, container) for container in containers())

    @pytest.mark.parametrize("unpinned", Unpinned)
    def test_in_every_field(self, unpinned: Unpinned) -> None:
        lifecycle = LifecycleRule(stage="prod", lifecycle_stage="Staging", lifecycle_status="Approved")
        rules = package_rules(lifecycle=[lifecycle])
        assert rules.packages
        rules = replace(rules, packages=replace(rules.packages, unpinned=unpinned))
        seen = 0
        for package in self.packages():
            found = (
                *reach_blockers(rules, the_package_subject(), package, ACCOUNTS),
                *remarks(rules, package),
                *widened(rules, package, [BUCKET]),
                *entitle_package(
                    rules, package, [a_record(content=package.content_hash)], open_stages=(), artifacts=None, now=at(60)
                ).findings,
            )
            plan = the_plan(rules, "prod", package=package)
            plan = replace(plan, record=replace(plan.record, findings=(*plan.record.findings, *found)))
            message = a_package_message(rules, plan, package)
            is_harmless(message)
            seen += is_shown(message)
        assert seen > 15

    @pytest.mark.parametrize("after_change", AfterChange)
    def test_in_every_artifact(self, after_change: AfterChange) -> None:
        rules = package_rules(after_change=after_change)
        stored = Stored(key=A_KEY, version_id=HOSTILE, etag=HOSTILE, size=7, written=OBJECT.written)
        uri = replace(DATA, key=A_KEY)
        before = Artifacts(data=(Data(uri=DATA, objects=(OBJECT,)),), images=(Image(uri="a", digest="b"),))
        for artifacts in (
            Artifacts(data=(Data(uri=uri, objects=(stored,)), Data(uri=DATA, objects=()))),
            Artifacts(data=(Data(uri=uri, objects=()), Data(uri=uri, objects=(stored,), is_whole=False))),
            Artifacts(images=(Image(uri=HOSTILE, digest=""), Image(uri="a", digest=HOSTILE))),
            Artifacts(encryption=(Encryption(bucket="model-artifacts-dev", algorithm="aws:kms", key=HOSTILE),)),
            Artifacts(
                encryption=(
                    Encryption(
                        bucket="model-artifacts-dev", algorithm="aws:kms", key=f"arn:aws:kms:x:{DEV}:key/{HOSTILE}"
                    ),
                )
            ),
        ):
            record = replace(
                a_record(
                    actor=replace(APPROVER, arn=HOSTILE, source_identity=HOSTILE), content=a_package().content_hash
                ),
                fingerprints=before.fingerprints,
            )
            unread = replace(record, fingerprints=None, not_fingerprinted="it was recorded before anybody looked")
            for records in ([record], [unread]):
                for open_ in ((), ("prod",)):
                    entitled = entitle_package(
                        rules, a_package(), records, open_stages=open_, artifacts=artifacts, now=at(60)
                    )
                    is_harmless(told(*entitled.findings, *artifact_blockers(rules, artifacts)))

    def test_credentials_are_masked_whatever_they_are_called(self) -> None:
        lines = shown([(f"API_KEY\n{HOSTILE}", "hunter2hunter2")])
        assert not any("hunter2" in line for line in lines)


class TestAGroup:
    """What is written into a group."""

    def test_in_every_field(self) -> None:
        for _, group in variants(GROUP, OF_A_GRAMMAR | {"status"}):
            plan = group_plan(
                a_basis(registering(), subject=GROUP_SUBJECT), Observed(group=group, desired=(), findings=(), seen={})
            )
            message = message_of(Planned(plan=plan, wording=group_wording(plan.decision, group)), "may register in it")
            is_harmless(message)
            assert is_shown(message)
