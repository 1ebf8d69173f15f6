"""All of this account's model cards, in pages."""

from stagegate.aws.errors import translated
from stagegate.subjects.context import Sweeper
from stagegate.subjects.pages import Listed, oldest_first

PERMISSIONS = frozenset({"sagemaker:ListModelCards"})


def page(sweeper: Sweeper, token: str | None) -> Listed:
    """Return a page of them, oldest first."""
    with translated("list the model cards"):
        found = sweeper.sagemaker.list_model_cards(**oldest_first(token))
    arns = tuple(card["ModelCardArn"] for card in found["ModelCardSummaries"])
    return Listed(arns=arns, token=found.get("NextToken"))
