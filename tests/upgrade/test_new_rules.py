"""From what 0.2.0 has opened and recorded to this release, and on to rules with audiences and cards.

Everybody's access is looked at each time that something may have changed: nobody gains anything, ever, and nobody loses
what they keep. A card that comes into its audience's share is in none for a moment (docs/many-teams.md): cards alone.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from demo.changes import Changes
from demo.content import customer_churn
from sandbox.kernel.delays import Delays
from sandbox.stagegate.organization import ROOT, Organization
from tests.support.registry import MANIFEST, a_version
from tests.upgrade.trees import last_release, tree_of

OTHERS = "fraud-prod"
"""An account by its name: a stage of its own by the old rules, prod of the audience fraud by the new ones."""
PROFILES = ("dev", "test", "prod", OTHERS)
BUCKET, REPOSITORY = "model-artifacts-upgrade", "serving/upgrade"
CARDS, GROUPS = ("churn-a", "fraud-a"), ("churn-a", "fraud-a", "churn-alone")
DELAYS = Delays(cloudtrail=0.02, ram_association=0.02, card_deletion=0.0, delivery_retry=0.01, wait_factor=0.01)
_STAGE = f'[[stages]]\nname = "{OTHERS}"\naccounts = ["555566667777"]\nroles = ["ModelOperator"]\n\n[cards]\n'
_APPROVERS = (
    f'[[approvers]]\nstage = "{OTHERS}"\nprincipals = ["arn:aws:iam::111122223333:role/ModelApprover"]\n\n[packages]\n'
)
_AUDIENCES = """
[[audiences]]
name = "churn"
cards = ["churn-*"]
groups = ["churn-*"]

[[audiences]]
name = "fraud"
cards = ["fraud-*"]
groups = ["fraud-*"]

[[audiences.stages]]
stage = "prod"
accounts = ["555566667777"]

"""
Seen = frozenset[tuple[str, str]]
"""Who (a profile) may do what."""
OLD: Seen = frozenset(
    {(who, f"card {card}") for who in PROFILES for card in CARDS}
    | {(who, f"{what} {group}") for who in ("prod", OTHERS) for what in ("package", "data") for group in GROUPS}
    | {("dev", f"data {group}") for group in GROUPS}
)
"""Dev has the bucket."""
LOST: Seen = frozenset(
    {(OTHERS, "card churn-a"), ("prod", "card fraud-a")}
    | {(OTHERS, f"{what} churn-a") for what in ("package", "data")}
    | {("prod", f"{what} fraud-a") for what in ("package", "data")}
    | {(who, f"{what} churn-alone") for who in ("prod", OTHERS) for what in ("package", "data")}
)
"""By the new rules: whose audience it isn't, and what has no card."""
MOVED: Seen = frozenset({(OTHERS, "package fraud-a"), (OTHERS, "data fraud-a")})
"""By the new rules this account is the audience's prod, and had a stage of its own before. Nobody has let the card into
*prod* there: its package waits until the card's own run has looked by the new rules, in the same sweep (decision 28).
"""


@dataclass
class Upgraded:
    """The organization, and what was seen since somebody began to watch."""

    organization: Organization
    packages: dict[str, str]
    folder: Path
    old: str
    seen: list[Seen] = field(default_factory=list)

    def look(self) -> Seen:
        """Return what everybody's own calls can do now."""
        return frozenset((who, what) for who in PROFILES for what, call in self._calls(who).items() if _works(call))

    def watch(self, happens: Callable[[], object]) -> list[Seen]:
        """Let something happen, and all that follows; what was seen each time that anything may have changed."""
        self.seen, changes = [], Changes(self.organization)
        happens()

        def is_over() -> bool:
            at_rest = self.organization.is_at_rest
            if changes.are_new() or at_rest:
                self.seen.append(self.look())
            return at_rest

        assert self.organization.clock.until(is_over, 900.0), "something is going on still"
        return self.seen

    def sweep(self) -> None:
        machine = self.organization.outputs["SweepStateMachine"]
        self.organization.client("stepfunctions", "governance").start_execution(stateMachineArn=machine, input="{}")

    def follows(self, text: str) -> None:
        """Deploy other rules. The sweep after it only reports."""
        path = self.folder / "governance.toml"
        path.write_text(text)
        self.organization.update_settings(path)

    def _calls(self, who: str) -> dict[str, Callable[[], object]]:
        sagemaker, s3 = (self.organization.client(service, who) for service in ("sagemaker", "s3"))
        home = f"arn:aws:sagemaker:us-east-1:{self.organization.accounts['governance']}"
        calls: dict[str, Callable[[], object]] = {}
        for card in CARDS:
            calls[f"card {card}"] = lambda c=card: sagemaker.describe_model_card(ModelCardName=f"{home}:model-card/{c}")  # type: ignore[misc]  # bound now
        for group, arn in self.packages.items():
            calls[f"package {group}"] = lambda a=arn: sagemaker.describe_model_package(ModelPackageName=a)  # type: ignore[misc]  # as above
            calls[f"data {group}"] = lambda g=group: s3.get_object(Bucket=BUCKET, Key=f"{g}/model.tar.gz")  # type: ignore[misc]  # as above
        return calls


def _works(call: Callable[[], object]) -> bool:
    try:
        call()
    except ClientError as error:
        if not error.response["Error"]["Code"].startswith("AccessDenied"):
            raise
        return False
    return True


@pytest.fixture(scope="module")
def upgraded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Upgraded]:
    """What 0.2.0 has opened: two cards and three packages, one of which has no card."""
    folder, version = tmp_path_factory.mktemp("rules"), last_release()
    (folder / "old").mkdir()
    tree = tree_of(version, folder / "old")
    if tree is None:
        pytest.skip(f'git\'s history has no commit "Release {version}", as in a shallow clone')
    settings = folder / "governance.toml"
    old = _old_rules(tree)
    settings.write_text(old)
    with Organization.start(settings, delays=DELAYS, root=tree) as organization:
        _make_artifacts(organization)
        packages = {group: _registered(organization, group) for group in GROUPS}
        sagemaker, approver = (organization.client("sagemaker", who) for who in ("governance", "approver"))
        content = json.dumps(customer_churn())
        for card in CARDS:
            sagemaker.create_model_card(ModelCardName=card, Content=content, ModelCardStatus="PendingReview")
        assert organization.settle(120)
        organization.clock.sleep(125)
        organization.clock.next_second()
        for card in CARDS:
            approver.update_model_card(ModelCardName=card, ModelCardStatus="Approved")
        for arn in packages.values():
            approver.update_model_package(ModelPackageArn=arn, ModelApprovalStatus="Approved")
        assert organization.settle(120)
        made = Upgraded(organization, packages, folder, old)
        assert made.look() == OLD
        yield made


def test_by_the_old_rules_nobody_loses_or_gains_anything(upgraded: Upgraded) -> None:
    seen = upgraded.watch(lambda: upgraded.organization.deploy(ROOT))
    seen += upgraded.watch(upgraded.sweep)
    seen += upgraded.watch(upgraded.sweep)
    assert set(seen) == {OLD}


def test_new_rules_change_nothing_until_the_sweep_after_their_report(upgraded: Upgraded) -> None:
    seen = upgraded.watch(lambda: upgraded.follows(_new_rules(upgraded.old)))
    assert set(seen) == {OLD}
    heard = "\n".join(message.text for message in upgraded.organization.outbox[-5:])
    assert "closes" in heard


def test_by_new_rules_nobody_gains_and_who_keeps_it_keeps_it_all_the_time(upgraded: Upgraded) -> None:
    seen = upgraded.watch(upgraded.sweep)
    seen += upgraded.watch(upgraded.sweep)
    seen += upgraded.watch(upgraded.sweep)
    assert seen[-1] == OLD - LOST
    assert [each - OLD for each in seen if each - OLD] == [], "nobody gains"
    missing = frozenset[tuple[str, str]]().union(*(OLD - LOST - each for each in seen))
    cards = {f"card {card}" for card in CARDS}
    assert {each for each in missing if each[1] not in cards} <= MOVED, "packages and data stay open"
    gone = [each for each in seen if LOST & each]
    assert seen[: len(gone)] == gone, "what is lost doesn't come back"


def _old_rules(tree: Path) -> str:
    text = (tree / "layers" / "settings" / "governance.toml").read_text()
    for before, after in (
        ("[cards]\n", _STAGE),
        ("[packages]\n", _APPROVERS),
        ('{ stage = "prod" }]', f'{{ stage = "prod" }}, {{ stage = "{OTHERS}" }}]'),
        ('opens = ["prod"]', f'opens = ["prod", "{OTHERS}"]'),
        ("ask_above_grants = 10\n", "ask_above_grants = 1000\n"),
    ):
        assert before in text, before
        text = text.replace(before, after, 1)
    return text


def _new_rules(old: str) -> str:
    text = old
    for before, after in (
        (_STAGE, f"{_AUDIENCES}[cards]\n"),
        (_APPROVERS, '[packages]\ncard = "required"\n'),
        (f', {{ stage = "{OTHERS}" }}]', "]"),
        (f'opens = ["prod", "{OTHERS}"]', 'opens = ["prod"]'),
    ):
        assert before in text, before
        text = text.replace(before, after, 1)
    return text


def _make_artifacts(organization: Organization) -> None:
    s3, ecr = organization.admin("s3", "dev"), organization.admin("ecr", "governance")
    s3.create_bucket(Bucket=BUCKET)
    ecr.create_repository(repositoryName=REPOSITORY)
    ecr.put_image(repositoryName=REPOSITORY, imageManifest=MANIFEST, imageTag="v1")


def _registered(organization: Organization, group: str) -> str:
    organization.admin("s3", "dev").put_object(Bucket=BUCKET, Key=f"{group}/model.tar.gz", Body=b"weights")
    organization.client("sagemaker", "governance").create_model_package_group(ModelPackageGroupName=group)
    home = organization.accounts["governance"]
    container: dict[str, Any] = {
        "Image": f"{home}.dkr.ecr.us-east-1.amazonaws.com/{REPOSITORY}:v1",
        "ModelDataUrl": f"s3://{BUCKET}/{group}/model.tar.gz",
    }
    return a_version(organization, container, group=group)
