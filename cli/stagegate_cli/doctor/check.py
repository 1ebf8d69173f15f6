"""What a check comes to. Pure."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from stagegate.rules.model import Rules
from stagegate_cli.connection import Connection
from stagegate_cli.problems import Problem

OK, WRONG, UNKNOWN = "ok", "wrong", "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """One check. `state` is `ok`, `wrong` or `unknown` (the caller may not look); `mend` says what to do about it."""

    name: str
    account: str
    state: str
    found: str
    mend: str


@dataclass(frozen=True, slots=True)
class Visit:
    """Whose stack is looked at, and by which rules: the deployed ones, or a file's. None where neither can be read.

    `management` is a connection to the organization's management account, which alone may see some of it.
    """

    connection: Connection
    rules: Rules | None
    stack: str
    file: Path | None = None
    management: Connection | None = None

    @property
    def organization(self) -> Connection:
        """Who asks about the organization."""
        return self.management or self.connection

    def ok(self, name: str, found: str) -> Examined:
        """Return a check that found nothing wrong."""
        return Examined(name=name, account=self.connection.account, state=OK, found=found, mend="")

    def wrong(self, name: str, found: str, mend: str) -> Examined:
        """Return a check that found something wrong."""
        return Examined(name=name, account=self.connection.account, state=WRONG, found=found, mend=mend)

    def unknown(self, name: str, found: str, mend: str) -> Examined:
        """Return a check that can't be made."""
        return Examined(name=name, account=self.connection.account, state=UNKNOWN, found=found, mend=mend)

    def judged(self, name: str, problem: str, *, fine: str, mend: str) -> Examined:
        """Return a check that is wrong if there is a problem."""
        return self.wrong(name, problem, mend) if problem else self.ok(name, fine)


Look = Callable[[Visit], Iterable[Examined]]
"""One subject that is looked at. Its `__name__` is what it is called where it can't be."""


def examined(visit: Visit, looks: Iterable[Look]) -> Iterator[Examined]:
    """Yield what the looks come to. One that the caller may not take is unknown, and the others are taken."""
    for look in looks:
        try:
            yield from look(visit)
        except Problem as problem:
            first = problem.text.splitlines()[0]
            mend = (
                "`stagegate policy doctor` prints what looking takes"
                if "was refused" in first
                else "see docs/deploy.md"
            )
            yield visit.unknown(look.__name__.replace("_", " "), first, mend)
