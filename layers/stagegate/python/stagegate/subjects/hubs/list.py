"""The hubs that the rules name, in pages: what is in one changes without an event."""

from stagegate.rules.names import hub_subjects
from stagegate.subjects import pages
from stagegate.subjects.context import Sweeper
from stagegate.subjects.pages import Listed

PERMISSIONS: frozenset[str] = frozenset()


def page(sweeper: Sweeper, token: str | None) -> Listed:
    """Return a page of them."""
    here, partition = sweeper.environment, sweeper.sagemaker.meta.partition
    arns = hub_subjects(sweeper.rules, partition=partition, region=here.region, account=here.account)
    start = int(token or 0)
    end = start + pages.PAGE
    return Listed(arns=arns[start:end], token=str(end) if end < len(arns) else None)
