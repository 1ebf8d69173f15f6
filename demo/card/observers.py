"""Looking at the card from the consumers' accounts: whether each role can describe it, and update it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from demo.card.expectations import Expectations, Expected
from demo.observers import Observer, Observers

if TYPE_CHECKING:
    from sandbox.stagegate.organization import Organization

# No principal gets as far as having such a request judged unless it may update: authorization comes first, and what is
# refused then changes nothing. So it tells whether a role may write without writing.
_PROBE = {"ModelCardStatus": "Draft", "Content": "{}"}
_DENIED = "AccessDeniedException"
_REFUSED = "ValidationException"


@dataclass(frozen=True, slots=True)
class CardAccess:
    """What a role's own calls found: whether the card can be described, and updated, by its ARN."""

    can_describe: bool = False
    can_update: bool = False

    @property
    def calls(self) -> frozenset[str]:
        """The calls that succeed, each as a verb."""
        possible = {"see": self.can_describe, "write": self.can_update}
        return frozenset(name for name, succeeds in possible.items() if succeeds)

    @property
    def style(self) -> tuple[str, ...]:
        """How a terminal shows it."""
        styles = {"rw": ("green", "bold"), "r": ("green",), "-": ("dim",)}
        return styles.get(str(self), ("red", "bold"))

    def __str__(self) -> str:
        """Short, as the matrix shows it; an update without sight would be a fault, and is shown as one."""
        return {(True, True): "rw", (True, False): "r", (False, False): "-"}.get(
            (self.can_describe, self.can_update), "w!"
        )


class CardObservers(Observers):
    """Every role that works in an account of a stage, looking at one card."""

    def __init__(self, organization: Organization, settings: Path, card_arn: str) -> None:
        super().__init__(settings)
        self._card_arn = card_arn
        self._clients: dict[Observer, Any] = {
            observer: organization.client("sagemaker", observer.profile, role=observer.role) for observer in self.all
        }

    def look(self, observer: Observer) -> CardAccess:
        """Return what the role is let do now."""
        return CardAccess(self.can_describe(observer), self.can_update(observer))

    def can_describe(self, observer: Observer) -> bool:
        """Describe the card by its ARN. A card that is gone can't be described either."""
        try:
            self._clients[observer].describe_model_card(ModelCardName=self._card_arn)
        except ClientError as error:
            if error.response["Error"]["Code"] in (_DENIED, "ResourceNotFound"):
                return False
            raise
        return True

    def can_update(self, observer: Observer) -> bool:
        """Try to update the card by its ARN, with a request that goes no further than authorization."""
        try:
            self._clients[observer].update_model_card(ModelCardName=self._card_arn, **_PROBE)
        except ClientError as error:
            if error.response["Error"]["Code"] in (_DENIED, _REFUSED):
                return bool(error.response["Error"]["Code"] == _REFUSED)
            raise
        raise AssertionError("SageMaker took content and status in one update; its API documents that it doesn't")

    def expected(self, expectations: Expectations, expected: Expected) -> dict[Observer, CardAccess]:
        """Return what every role should be let do."""
        return {
            observer: CardAccess(
                expectations.may_see(expected, observer.account),
                expectations.may_write(expected, observer.account, observer.role),
            )
            for observer in self.all
        }
