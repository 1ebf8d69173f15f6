"""A model card as it stands now."""

from dataclasses import dataclass
from datetime import datetime

from stagegate.approvals.records import LastChange
from stagegate.core.statuses import CardStatus, RiskRating
from stagegate.subjects.cards.contents.metrics import Measured


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """What decides a card's access, read from SageMaker at one moment.

    `content_hash` is a SHA-256 over the content's canonical JSON, so that a rewrite that says the same is the same.
    `sections` are the top-level keys of the content below which something is said. `created` is the card's own
    creation: a card that is deleted and made again under its name is another card. `last_modified` is that of the
    current version: SageMaker raises the version on an edit of the content and not on a change of status. `kms_key` is
    the customer's key, as SageMaker names it. Of a card `is_sealed`, whose key we may not use, only the risk and the
    status are known: its hash and its sections say nothing. `facts` are lines of what it says of the model, `metrics`
    all metrics of its evaluations. `names` are the ARNs of the packages that it names.
    """

    arn: str
    name: str
    account: str
    status: CardStatus
    version: int
    content_hash: str
    risk: RiskRating
    sections: frozenset[str]
    created: datetime
    last_modified: datetime
    overview: str = ""
    facts: tuple[str, ...] = ()
    metrics: tuple[Measured, ...] = ()
    kms_key: str | None = None
    is_sealed: bool = False
    last_change: LastChange | None = None
    names: tuple[str, ...] = ()
