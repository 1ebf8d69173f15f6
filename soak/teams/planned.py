"""All models of an organization, planned one after the other by the product's own decisions, and what stands then.

What reads AWS and what writes there is left out: histories have that. Each plan is carried out whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from soak.oracle.teams import CardFacts, PackageFacts
from soak.teams.drawn import HOME, OWNER, REGION
from stagegate.approvals.principals import Actor
from stagegate.approvals.questions import Asked, Question
from stagegate.approvals.records import AuditRecord
from stagegate.core.addresses import S3Uri
from stagegate.core.arns import Subject, subject_of
from stagegate.core.statuses import CardStatus, PackageStatus, RiskRating
from stagegate.iam.key_grants import KeyUse
from stagegate.iam.render import render
from stagegate.links.following import followed
from stagegate.links.link import candidates, linked
from stagegate.links.word import Recorded, Seen, Word, named_before, word_of
from stagegate.plans.change import Change
from stagegate.plans.decision import Basis
from stagegate.plans.grants import View, open_stages
from stagegate.plans.plan import Plan
from stagegate.rules.model import Rules
from stagegate.rules.narrowed.covers import Cover
from stagegate.rules.narrowed.for_subject import for_subject
from stagegate.subjects.cards.decide import Observed as CardObserved
from stagegate.subjects.cards.decide import card_plan
from stagegate.subjects.cards.entitle import entitle
from stagegate.subjects.cards.model import Card
from stagegate.subjects.cards.scope import full
from stagegate.subjects.packages.decide import Observed, package_plan
from stagegate.subjects.packages.entitle import entitle_package
from stagegate.subjects.packages.grants import desired_grants
from stagegate.subjects.packages.model import Container, Package, content_hash
from stagegate.surfaces.fences.model import (
    EXCEPTED,
    AllowWrites,
    DenyWrites,
    Fence,
    ObservedFence,
    document_of,
    fence_of,
)
from stagegate.surfaces.shares.changes import CloseShare, ObservedShares, OpenShare, Share
from stagegate.targets.compare import LIMITS
from stagegate.targets.desired import desired_text_of, digest_of, statements_in, uses_in
from stagegate.targets.fences import fence_target
from stagegate.targets.target import CloseTarget, OpenTarget, Target, TargetType

_BEGAN = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
_RISK = RiskRating.MEDIUM
_SOME = 10
"""Each tenth model is planned twice."""


@dataclass
class Planned:
    """What stands, by the plans so far. Shares by their stage, audience and permission, with the cards in each; what
    everybody desired of each target, by subject; the fences, with the cards that each excepts; and what is on record.
    """

    shares: dict[str, Share] = field(default_factory=dict)
    inside: dict[str, set[str]] = field(default_factory=dict)
    targets: dict[str, Target] = field(default_factory=dict)
    desired: dict[str, dict[str, str]] = field(default_factory=dict)
    fences: dict[str, Fence] = field(default_factory=dict)
    excepted: dict[str, set[str]] = field(default_factory=dict)
    views: dict[str, View] = field(default_factory=dict)
    notes: dict[str, dict[str, str]] = field(default_factory=dict)
    changes: int = 0
    _round: int = 0
    _cards: dict[str, Card] = field(default_factory=dict)

    def carry_out(self, rules: Rules, cards: tuple[CardFacts, ...], packages: tuple[PackageFacts, ...]) -> None:
        """Plan every model as it is now, a day later than last time; then some once more, which have nothing to change
        then.

        AssertionError where one has.
        """
        self._round += 1
        self._cards = {card_arn(facts): self._card(facts) for facts in cards}
        self._plan_all(rules, cards, packages)
        before = self.changes
        self._plan_all(rules, cards[::_SOME], packages[::_SOME])
        if self.changes != before:
            raise AssertionError(f"{self.changes - before} changes once more")

    def _plan_all(self, rules: Rules, cards: tuple[CardFacts, ...], packages: tuple[PackageFacts, ...]) -> None:
        for facts in cards:
            self._plan_card(rules, facts)
        named_by = self._named_by()
        for package in packages:
            self._plan_package(rules, package, named_by.get(package.arn, ()))

    def documents(self) -> Iterator[tuple[Target, str]]:
        """Yield each target's policy, as it is rendered for all that want something of it."""
        for id_, texts in self.desired.items():
            target = self.targets[id_]
            if texts and target.type is not TargetType.KEY_GRANTS:
                yield target, render(None, statements_in(texts), LIMITS[target.type]).text

    def uses(self) -> dict[str, frozenset[KeyUse]]:
        """The uses that grants give of each key, by its ARN."""
        keys = {id_: target for id_, target in self.targets.items() if target.type is TargetType.KEY_GRANTS}
        return {target.name: uses_in(self.desired.get(id_, {})) for id_, target in keys.items()}

    def fence(self, account: str) -> str | None:
        """The document of an account's fence; None where there is none."""
        fence = self.fences.get(account)
        if fence is None or fence.covers is Cover.NONE:
            return None
        excepted = self.excepted.get(account, set()) if fence.covers is Cover.OTHERS else set[str]()
        return document_of(fence, excepted, partition="aws", governance_account=HOME)

    # --- cards ------------------------------------------------------------------------------------------------------

    def _plan_card(self, whole: Rules, facts: CardFacts) -> None:
        subject, card = subject_of(card_arn(facts)), self._cards[card_arn(facts)]
        rules, view = for_subject(whole, subject), self.views.get(subject.arn, View())
        entitled = entitle(
            rules,
            card,
            self._records(card, facts.by),
            questions=[self._question(card.content_hash, None)],
            open_stages=open_stages(rules, view),
            now=self._now,
        )
        view = replace(view, written={fence_target(account): EXCEPTED for account in self._excepting(subject.arn)})
        associations = {arn: "ASSOCIATED" for arn, cards in self.inside.items() if subject.arn in cards}
        fences = {account: self._observed(fence_of(rules, account)) for account in full(rules, entitled, view).fences}
        seen = ObservedShares(associations=associations, shares=tuple(self.shares.values()))
        observed = CardObserved(card=card, entitled=entitled, shares=seen, fences=fences)
        self._recorded(card_plan(self._basis(rules, subject, view), observed))

    def _card(self, facts: CardFacts) -> Card:
        return Card(
            arn=card_arn(facts),
            name=facts.name,
            account=HOME,
            status=CardStatus(facts.status),
            version=self._round,
            content_hash=f"content {self._round}",
            risk=_RISK,
            sections=frozenset(["model_overview"]),
            created=_BEGAN,
            last_modified=self._at(3) + timedelta(seconds=0.4),
            names=facts.names,
        )

    def _observed(self, fence: Fence) -> ObservedFence:
        document = self.fence(fence.account)
        policy = "p-1" if document else None
        return ObservedFence(account=fence.account, policy=policy, document=document)

    def _excepting(self, arn: str) -> list[str]:
        return [account for account, cards in self.excepted.items() if arn in cards]

    # --- packages ---------------------------------------------------------------------------------------------------

    def _plan_package(self, whole: Rules, facts: PackageFacts, named_by: tuple[str, ...]) -> None:
        subject, package = subject_of(facts.arn), self._package(facts)
        rules, view = for_subject(whole, subject), self.views.get(facts.arn, View())
        if rules.packages is None:
            raise AssertionError("the rules govern packages")
        entitled = entitle_package(
            rules,
            package,
            self._records(package, facts.by),
            questions=[self._question(package.content_hash, "")],
            open_stages=open_stages(rules, view),
            now=self._now,
        )
        before = view.planner_state
        words = [self._word(whole, arn) for arn in candidates(package.linkable, named_by, before)]
        stages = {stage for rule in rules.packages.status.values() for stage in rule.opens}
        link = linked(package.linkable, words, before, rules.audience, stages)
        entitled = followed(entitled, link, rules.packages.by_card, open_stages(rules, view))
        desired, findings = desired_grants(rules, subject, package, entitled.entitlements, {HOME})
        observed = Observed(package=package, entitled=entitled, desired=desired, findings=findings, link=link)
        self._recorded(package_plan(self._basis(rules, subject, view), observed))

    def _package(self, facts: PackageFacts) -> Package:
        image = f"{HOME}.dkr.ecr.{REGION}.amazonaws.com/{facts.repository}:1"
        data = S3Uri(bucket=facts.bucket, key=facts.folder, is_prefix=True)
        containers = (Container(image_uri=image, image_digest=f"sha256:{'0' * 64}", data_uris=(data,)),)
        return Package(
            arn=facts.arn,
            group=facts.group,
            version=1,
            account=HOME,
            status=PackageStatus(facts.status),
            is_complete=True,
            containers=containers,
            content_hash=content_hash(containers),
            risk=_RISK,
            created=_BEGAN,
            last_modified=self._at(3) + timedelta(seconds=0.4),
            creator=_actor(OWNER),
        )

    def _word(self, whole: Rules, arn: str) -> Word:
        """A card's word, by what its own run has recorded."""
        rules, view, card = for_subject(whole, subject_of(arn)), self.views.get(arn, View()), self._cards.get(arn)
        grants = {grant.stage: grant.approval for grant in view.grants if not grant.target}
        record = Recorded(
            grants=grants, status=view.status, content_hash=view.content_hash, planner_state=view.planner_state, at="-"
        )
        seen = None
        if card:
            seen = Seen(
                status=card.status,
                version=card.version,
                content_hash=card.content_hash,
                created=card.created,
                names=card.names,
                opens=frozenset(access.stage for access in rules.cards.status[card.status].opens),
            )
        return replace(word_of(arn, seen, record, keeps_edited=False), audience=rules.audience)

    def _named_by(self) -> dict[str, tuple[str, ...]]:
        """The cards that name each package, as the ledger has them."""
        found: dict[str, tuple[str, ...]] = {}
        for arn in self._cards:
            for package in named_before(self.views[arn].planner_state):
                found[package] = (*found.get(package, ()), arn)
        return found

    # --- both -------------------------------------------------------------------------------------------------------

    def _records(self, subject: Card | Package, by: str) -> tuple[AuditRecord, ...]:
        """Who wrote it, and who has set the status that it has: all is on record."""
        about = {"version": subject.version, "content_hash": subject.content_hash}
        created = AuditRecord(id="0", at=_BEGAN, actor=_actor(OWNER), status=None, creates=True, **about)  # type: ignore[arg-type]  # as above
        written = AuditRecord(id=f"{self._round}-1", at=self._at(1), actor=_actor(OWNER), status=None, **about)  # type: ignore[arg-type]  # as above
        edits = (created, written) if isinstance(subject, Card) else (created,)
        status = AuditRecord(
            id=f"{self._round}-2",
            at=self._at(3),
            actor=_actor(by),
            status=subject.status.value,
            **about,  # type: ignore[arg-type]  # as above
        )
        return (*edits, status)

    def _question(self, content: str, card: str | None) -> Question:
        version = self._round if card is None else 1
        asked = Asked(version=version, content_hash=content, risk=_RISK, card=card)
        return Question(id=f"asked {self._round}", at=self._at(2), asked=asked)

    def _recorded(self, plan: Plan) -> None:
        for change in plan.changes:
            self.changes += 1
            self._apply(change)
        record = plan.record
        self.views[record.subject.arn] = View(
            grants=record.grants,
            written=dict(self.notes.get(record.subject.arn, {})),
            planner_state=record.planner_state,
            status=record.status,
            version=record.version,
            content_hash=record.content_hash,
        )

    def _apply(self, change: Change) -> None:
        match change:
            case OpenTarget() | CloseTarget():
                self.targets[change.target.id] = change.target
                desired = self.desired.setdefault(change.target.id, {})
                notes = self.notes.setdefault(change.subject_arn, {})
                desired.pop(change.subject_arn, None)
                notes.pop(change.target.id, None)
                if text := desired_text_of(change):
                    desired[change.subject_arn], notes[change.target.id] = text, digest_of(text)
            case DenyWrites() | AllowWrites():
                account = change.fence.account
                self.fences[account] = change.fence
                cards = self.excepted.setdefault(account, set())
                cards.discard(change.card_arn)
                if isinstance(change, AllowWrites) and change.fence.covers is Cover.OTHERS:
                    cards.add(change.card_arn)
            case CloseShare(subject_arn=None):
                share = self.shares[change.share_arn]
                left = {a: s for a, s in (share.principals or {}).items() if a not in change.principals}
                self.shares[share.arn] = replace(share, principals=left)
            case CloseShare():
                self.inside[change.share_arn].discard(change.subject_arn)
            case OpenShare():
                self._open(change)
            case _:
                raise TypeError(f"{change} is nothing that a model's plan does here")

    def _open(self, change: OpenShare) -> None:
        arn = f"arn:aws:ram:{REGION}:{HOME}:resource-share/{change.stage}-{change.audience}"
        share = self.shares.get(change.share_arns[0] if change.share_arns else arn)
        if share is None:
            share = Share(arn=arn, stage=change.stage, permission=change.permission, audience=change.audience)
        there = {**(share.principals or {}), **dict.fromkeys(change.accounts, "ASSOCIATED")}
        self.shares[share.arn] = replace(share, principals=there)
        self.inside.setdefault(share.arn, set()).add(change.subject_arn)

    def _basis(self, rules: Rules, subject: Subject, view: View) -> Basis:
        return Basis(rules=rules, subject=subject, view=view, now=self._now)

    @property
    def _now(self) -> datetime:
        return self._at(4)

    def _at(self, hours: int) -> datetime:
        return _BEGAN + self._round * _DAY + hours * _HOUR


def card_arn(facts: CardFacts) -> str:
    """Return the ARN of a card."""
    return f"arn:aws:sagemaker:{REGION}:{HOME}:model-card/{facts.name}"


def _actor(role: str) -> Actor:
    return Actor(arn=f"{role.replace(':iam:', ':sts:').replace(':role/', ':assumed-role/')}/a-session", role_arn=role)
