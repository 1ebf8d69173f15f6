"""Looking at the card from the consumers' accounts: what each role is let do, found out by doing it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from sandbox import members
from sandbox.demo.promises import Promised, Promises

if TYPE_CHECKING:
    from sandbox.organization import Organization

# No principal gets as far as having such a request judged unless it may update: authorization comes first, and what is
# refused then changes nothing. So it tells whether a role may write without writing.
_PROBE = {"ModelCardStatus": "Draft", "Content": "{}"}
_DENIED = "AccessDeniedException"
_REFUSED = "ValidationException"


@dataclass(frozen=True, slots=True, order=True)
class Observer:
    """A role in a consumer account; `place` names the stages that the account serves."""

    order: int
    place: str
    account: str
    role: str
    profile: str


@dataclass(frozen=True, slots=True)
class Access:
    """What a role's own calls found: whether the card can be described, and updated, by its ARN."""

    describe: bool = False
    update: bool = False

    def __str__(self) -> str:
        """Short, as the matrix shows it; an update without sight would be a fault, and is shown as one."""
        return {(True, True): "rw", (True, False): "r", (False, False): "-"}.get((self.describe, self.update), "w!")


Table = Mapping[Observer, Access]


class Observers:
    """Every role that works in an account of a stage."""

    def __init__(self, organization: Organization, settings: Path, card_arn: str) -> None:
        self._card_arn = card_arn
        found = members.read(settings)
        profiles = {role.account: name for name, role in reversed(found.profiles.items())}
        places: dict[str, list[str]] = {}
        for name, account in found.accounts.items():
            if account in found.stage_accounts:
                places.setdefault(account, []).append(name)
        ordered = list(places)
        self.all = sorted(
            Observer(ordered.index(role.account), "+".join(places[role.account]), role.account, role.name, profile)
            for role in found.roles
            if role.account in places and role.kind in ("user", "administrator")
            for profile in [profiles[role.account]]
        )
        self._clients: dict[Observer, Any] = {
            observer: organization.client("sagemaker", observer.profile, role=observer.role) for observer in self.all
        }

    def look(self, observer: Observer) -> Access:
        """Return what the role is let do now."""
        return Access(self.can_describe(observer), self.can_update(observer))

    def look_around(self) -> dict[Observer, Access]:
        """Return what every role is let do now."""
        return {observer: self.look(observer) for observer in self.all}

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

    def expected(self, promises: Promises, promised: Promised) -> dict[Observer, Access]:
        """Return what every role should be let do."""
        return {
            observer: Access(
                promises.may_see(promised, observer.account),
                promises.may_write(promised, observer.account, observer.role),
            )
            for observer in self.all
        }


def describe(table: Table) -> str:
    """Return a table as one line: the accounts, and their roles only where these differ."""
    words = []
    for _, group in groupby(sorted(table), key=lambda observer: observer.order):
        here = list(group)
        place = here[0].place
        if len({table[observer] for observer in here}) == 1:
            words.append(f"{place} {table[here[0]]}")
        else:
            words.append(f"{place} ({', '.join(f'{observer.role} {table[observer]}' for observer in here)})")
    return "  ".join(words)
