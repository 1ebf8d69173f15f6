"""What the card of a model package has to say in the package's access."""

from enum import StrEnum


class CardLink(StrEnum):
    """What a package's card has to say in its access."""

    REQUIRED = "required"
    """A package opens where its own status and its card open. One without a card stays closed."""
    IF_LINKED = "if_linked"
    """The same for a package that a card speaks for. One without a card opens by its own status, and what is open then
    stays so until a card is approved for it.
    """
    IGNORED = "ignored"
    """A package opens by its own status alone."""
