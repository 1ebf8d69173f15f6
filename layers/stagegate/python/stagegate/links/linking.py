"""What goes on record of which card starts the runs of which packages."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Linking:
    """What changes of the links that the ledger keeps of a subject.

    Of a card: the packages that it `named` for the first time, so that their runs look at it, and those that it names
    no more (`unnamed`); `starts` says that its word is another, so that the runs of its packages start.
    Of a package: the cards that it `follows` from now on, so that these start its runs, each with when that card was
    recorded (`as_of`, in the same order, "" for never); and those that it has `left`.
    """

    named: tuple[str, ...] = ()
    unnamed: tuple[str, ...] = ()
    starts: bool = False
    follows: tuple[str, ...] = ()
    as_of: tuple[str, ...] = ()
    left: tuple[str, ...] = ()

    @property
    def is_something(self) -> bool:
        """Whether anything changes."""
        return bool(self.named or self.unnamed or self.starts or self.follows or self.left)
