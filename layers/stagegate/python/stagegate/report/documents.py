"""How large our statements of each policy are."""

from collections.abc import Iterator, Mapping

from stagegate.core.errors import StagegateError
from stagegate.iam.render import render
from stagegate.report.model import DocumentSize
from stagegate.targets.compare import LIMITS
from stagegate.targets.desired import statements_in
from stagegate.targets.target import target_of, title


def document_sizes(
    desired: Mapping[str, Mapping[str, str]], partition: str, sid_prefix: str
) -> tuple[DocumentSize, ...]:
    """Return the size of each policy document that anybody wants something of, the fullest first."""
    return tuple(sorted(_sizes(desired, partition, sid_prefix), key=lambda each: (-each.share, each.target)))


def _sizes(desired: Mapping[str, Mapping[str, str]], partition: str, sid_prefix: str) -> Iterator[DocumentSize]:
    for id_, texts in desired.items():
        try:
            target = target_of(id_, partition)
        except ValueError:  # a fence, which excepts cards and has no document here
            continue
        limit = LIMITS.get(target.type)
        if limit is None:
            continue
        try:
            said = {arn: text for arn, text in texts.items() if text}
            size: int | None = render(None, statements_in(said), limit, sid_prefix).size
        except StagegateError:  # too large, or another release's text: the run that writes it says so
            size = None
        yield DocumentSize(
            target=id_, title=title(target), size=size, limit=limit.size, unit=limit.unit.value, subjects=len(texts)
        )
