"""A version of a model package as it stands now, and where what it is made of lies."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from stagegate.approvals.principals import Actor
from stagegate.approvals.records import LastChange
from stagegate.core.addresses import S3Uri, tag_of
from stagegate.core.arns import Subject
from stagegate.core.aws_artifacts import is_aws_bucket
from stagegate.core.statuses import PackageStatus, RiskRating
from stagegate.subjects.packages.contents.environment import shown_each
from stagegate.subjects.packages.contents.mentions import NONE, Mentions

if TYPE_CHECKING:
    from stagegate.links.about import Linkable

MOST_VARIABLES = 100
"""Variables that are kept of what was approved."""

_ENVIRONMENT = "environment"
_GROUP, _GROUP_ARN = "group", "group_arn"
"""How the planner's state has the name of a group that ARNs spell otherwise, and the group's own ARN."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """One container of a package: its image, pinned by the digest that SageMaker found, its data, and its environment.

    The environment says what the image does: which code it loads, and from where. `unreadable` are addresses of data
    that aren't `s3://bucket/key`: nobody could be let at these. `mentions` is what the environment, or anything else
    that isn't there for data, names beside.
    """

    image_uri: str = ""
    image_digest: str = ""
    data_uris: tuple[S3Uri, ...] = ()
    unreadable: tuple[str, ...] = ()
    environment: tuple[tuple[str, str], ...] = ()
    mentions: Mentions = NONE

    @property
    def images_by_tag(self) -> tuple[str, ...]:
        """The images that no digest stands for: what their tags stand for can change."""
        own = (self.image_uri,) if self.image_uri and not self.image_digest else ()
        return tuple(uri for uri in (*own, *self.mentions.images) if tag_of(uri))


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """What decides a package's access, read from SageMaker at one moment.

    `arn` and `group`, the group's name, are as SageMaker writes them, which may differ in capitals: small letters in
    the ARN of a group with capitals were seen, and capitals that were kept (docs/live.md). `group_arn` is the group's
    own ARN, where a look has asked for it.

    `status` is its ModelApprovalStatus, pending where SageMaker says none: then `has_status` is False. `is_complete`
    tells whether SageMaker has finished making it. `version` is its number in the group. `content_hash` says what was
    approved: images, their environment and data, and nothing of the metadata. `kms_key` is the key, as SageMaker names
    it, that the package itself is encrypted with. `creator` made it, and `last_actor` made the last change, where
    SageMaker names them; of what was never changed, its creator. `last_principal_id` is IAM's unique id of the latter,
    with a session's name behind it. `card` is the ARN of the card that its own card names, "" for none: where the rules
    ask for cards, who moves that changes what was approved.
    """

    arn: str
    group: str
    version: int
    account: str
    status: PackageStatus
    is_complete: bool
    containers: tuple[Container, ...]
    content_hash: str
    risk: RiskRating
    created: datetime
    last_modified: datetime
    overview: str = ""
    lifecycle_stage: str | None = None
    lifecycle_status: str | None = None
    kms_key: str | None = None
    creator: Actor | None = None
    last_actor: Actor | None = None
    last_principal_id: str | None = None
    has_status: bool = True
    group_arn: str = ""
    card: str = ""

    @property
    def last_change(self) -> LastChange | None:
        """Who set the status, where SageMaker's word is enough: for a package as it was created.

        Of a later change SageMaker says who made it and not what it was: the same person's next edit of the metadata
        would look as if they had approved.
        """
        if self.last_actor is None or self.last_modified != self.created:
            return None
        return LastChange(actor=self.last_actor, at=self.created)

    @property
    def linkable(self) -> "Linkable":
        """What says which card is its own."""
        # Loaded here: who records a call of a package asks for no card, and doesn't wait for what reads them.
        from stagegate.links.about import Linkable

        return Linkable(arn=self.arn, group=self.group, account=self.account, card=self.card)

    @property
    def data_uris(self) -> tuple[S3Uri, ...]:
        """All the data of all the containers, each once, in order of their addresses."""
        found = {uri for c in self.containers for uri in (*c.data_uris, *c.mentions.data)}
        return tuple(sorted(found, key=lambda u: (str(u), u.is_prefix)))

    @property
    def images(self) -> tuple[str, ...]:
        """The images of all the containers, each once, in order."""
        return tuple(sorted({uri for c in self.containers for uri in (c.image_uri, *c.mentions.images) if uri}))

    @property
    def pinned_images(self) -> tuple[tuple[str, str], ...]:
        """The images that a digest stands for, each with it, in order."""
        named = {(uri, uri.partition("@")[2]) for uri in self.images if "@" in uri}
        given = {(c.image_uri, c.image_digest) for c in self.containers if c.image_digest and "@" not in c.image_uri}
        return tuple(sorted(named | given))

    @property
    def environment(self) -> list[str]:
        """The variables of all containers, as people may see them."""
        return shown_each([c.environment for c in self.containers if c.environment or c.image_uri])

    @property
    def unpinned(self) -> tuple[str, ...]:
        """What is mentioned and can't be fingerprinted, each once, in order."""
        return tuple(sorted({text for c in self.containers for text in c.mentions.unpinned}))

    @property
    def has_something_to_deploy(self) -> bool:
        """Whether there is an image or data in it, and not only a mention of where it came from."""
        return any(c.image_uri or c.data_uris or c.unreadable for c in self.containers)

    @property
    def has_capitals(self) -> bool:
        """Whether the ARN of the group may be spelled otherwise than those of its packages."""
        return self.group != self.group.lower()

    @property
    def spelling(self) -> dict[str, str]:
        """What the next run has to know of it; nothing where everything is spelled alike."""
        is_alike = self.group == _group_in(self.arn)
        return {
            **({} if is_alike else {_GROUP: self.group}),
            **({_GROUP_ARN: self.group_arn} if self.group_arn else {}),
        }

    def with_spelling(self, planner_state: Mapping[str, str]) -> "Package":
        """Return the package with the ARN of its group that the last look has left."""
        return replace(self, group_arn=planner_state.get(_GROUP_ARN, ""))

    def is_left_to_aws(self, uri: S3Uri) -> bool:
        """Tell whether data lies in a bucket that AWS itself offers to everybody."""
        return is_aws_bucket(uri.bucket, self.arn.split(":")[3])


def approved_environment(planner_state: Mapping[str, str]) -> list[str] | None:
    """Return the variables that were approved last, as people may see them; None where nothing was."""
    return list(json.loads(planner_state[_ENVIRONMENT])) if _ENVIRONMENT in planner_state else None


def environment_on_record(planner_state: Mapping[str, str], package: Package, *, is_approved: bool) -> dict[str, str]:
    """Return what the next run has to know of the variables that were approved last: those of now, once they are, and
    else those of before.
    """
    if is_approved:
        return {_ENVIRONMENT: json.dumps(package.environment[:MOST_VARIABLES], separators=(",", ":"))}
    return {_ENVIRONMENT: planner_state[_ENVIRONMENT]} if _ENVIRONMENT in planner_state else {}


def group_name(subject: Subject, planner_state: Mapping[str, str]) -> str:
    """Return the name of a package's group, also of a package that is gone."""
    return planner_state.get(_GROUP, _group_in(subject.arn))


def _group_in(arn: str) -> str:
    return arn.partition("/")[2].partition("/")[0]


def content_hash(containers: Iterable[Container]) -> str:
    """Return the SHA-256 of what a package is made of: its images with their digests and environment, its data's
    addresses, and what it mentions beside.

    The order of the containers counts, as a pipeline runs them in it; that of one container's data doesn't.
    """
    made_of = [
        [
            c.image_uri,
            c.image_digest,
            sorted([str(u), u.is_prefix] for u in c.data_uris),
            sorted(c.unreadable),
            sorted(c.environment),
            *([_of_mentions(c.mentions)] if c.mentions != NONE else []),
        ]
        for c in containers
    ]
    return hashlib.sha256(json.dumps(made_of, separators=(",", ":")).encode()).hexdigest()


def _of_mentions(mentions: Mentions) -> list[list[str]]:
    return [[str(uri) for uri in mentions.data], list(mentions.images), list(mentions.unpinned)]
