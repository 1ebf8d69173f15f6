"""Whom a card is for where audiences select by tag: the records of who set it, and what SageMaker shows, both."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from stagegate.approvals.kept import Kept
from stagegate.approvals.records import RECORD_TOLERANCE
from stagegate.approvals.tags.audiences import tag_keys, with_tags
from stagegate.approvals.tags.record import TagRecord
from stagegate.approvals.tags.settle import Tags, tags_of
from stagegate.aws.errors import code_of, translated
from stagegate.core.arns import Subject, subject_of
from stagegate.ledger import approvals, items, read
from stagegate.rules.model import Rules
from stagegate.rules.narrowed.choice import rests_on_tag
from stagegate.subjects.context import Planner

if TYPE_CHECKING:
    from mypy_boto3_sagemaker import SageMakerClient

PERMISSIONS = read.PERMISSIONS | {"sagemaker:ListTags"}


def settled(
    planner: Planner, subject: Subject, records: Collection[TagRecord], created: datetime, flaw: str = ""
) -> Rules:
    """Return the rules for all models with what is known of a card's tags. It takes a call where its audience rests on
    one, and else none.

    What was recorded before the card was `created` is about another one of its name. Of a card whose records have a
    `flaw`, no tag counts.
    """
    rules = planner.rules.whole
    if subject.account != planner.environment.account or not rests_on_tag(rules.audiences, subject):
        return rules
    keys = tag_keys(rules)
    if flaw:
        why = "its records were altered (RecordsAltered)"
        return with_tags(rules, {subject.name: Tags(unsettled=dict.fromkeys(keys, why))})
    own = [record for record in records if record.at + RECORD_TOLERANCE > created]
    return with_tags(rules, {subject.name: tags_of(own, keys, _shown(planner.sagemaker, subject.arn))})


def settled_by_record(planner: Planner, rules: Rules, arns: Collection[str]) -> Rules:
    """Return rules that know more of the tags of these models: what the records alone say, of all that rest on them. It
    takes no call where none does.
    """
    subjects = {arn: subject_of(arn) for arn in arns}
    asked = [arn for arn, subject in subjects.items() if rests_on_tag(rules.audiences, subject)]
    if not asked:
        return rules
    keys = tag_keys(rules)
    return with_tags(
        rules, {subjects[arn].name: tags_of(found.tags, keys, None) for arn, found in _now(planner, asked)}
    )


def _now(planner: Planner, arns: Sequence[str]) -> Iterator[tuple[str, Kept]]:
    """Yield what counts now of the approvals of each subject: a call for a hundred of them, and one more for each that
    has more than one item takes.
    """
    dynamodb, table = planner.dynamodb, planner.environment.table
    for start in range(0, len(arns), read.MOST_KEYS):
        page = arns[start : start + read.MOST_KEYS]
        keys = [items.key(items.approvals_key(arn), items.CURRENT) for arn in page]
        found = {item["pk"]: item for item in read.got(dynamodb, table, keys)}
        for arn in page:
            kept = approvals.current_of(found.get(items.approvals_key(arn)))
            yield arn, approvals.read(dynamodb, table, arn).kept if kept is None else kept


def _shown(sagemaker: "SageMakerClient", arn: str) -> dict[str, str]:
    """Return the tags that SageMaker shows; none of a card that isn't there."""
    found: dict[str, str] = {}
    with translated(f"read the tags of {arn}"):
        try:
            for page in sagemaker.get_paginator("list_tags").paginate(ResourceArn=arn):
                found |= {tag["Key"]: tag["Value"] for tag in page["Tags"]}
        except ClientError as error:
            if code_of(error) not in ("ResourceNotFound", "ResourceNotFoundException"):
                raise
    return found
