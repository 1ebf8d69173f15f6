"""The hubs that the rules name, and ours that they don't name, in pages: what is in one changes without an event."""

from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from stagegate.aws.errors import code_of, translated
from stagegate.rules.names import hub_subjects
from stagegate.subjects import pages
from stagegate.subjects.context import Sweeper
from stagegate.subjects.pages import Listed
from stagegate.surfaces.hub_contents.observe import is_ours

if TYPE_CHECKING:
    from mypy_boto3_sagemaker.type_defs import ListHubsRequestTypeDef

PERMISSIONS = frozenset({"sagemaker:ListHubs", "sagemaker:ListTags"})

_THERE = "there:"
"""What the token of a page begins with that SageMaker lists; before these come those of the rules, by number."""

_NO_HUBS = ("UnknownOperationException", "UnknownOperation", "InvalidAction")
"""What a service says that doesn't know an operation ("Common errors", API references): a Region without hubs."""


def page(sweeper: Sweeper, token: str | None) -> Listed:
    """Return a page of them: first those that the rules name, also where there are none yet, then those that have our
    tag and that no rule names, as a ledger that was lost leaves them. Somebody else's isn't listed.
    """
    if token and token.startswith(_THERE):
        return _there(sweeper, token.removeprefix(_THERE))
    named = _named(sweeper)
    start = int(token or 0)
    end = start + pages.PAGE
    return Listed(arns=named[start:end], token=str(end) if end < len(named) else _THERE)


def _named(sweeper: Sweeper) -> tuple[str, ...]:
    here, partition = sweeper.environment, sweeper.sagemaker.meta.partition
    return hub_subjects(sweeper.rules, partition=partition, region=here.region, account=here.account)


def _there(sweeper: Sweeper, token: str) -> Listed:
    """Return those of a page of SageMaker's list that are ours and that no rule names.

    AWS doesn't say whether ListHubs has hubs that are shared with the account: what another account owns isn't ours.
    """
    request: ListHubsRequestTypeDef = {"MaxResults": pages.PAGE, "SortBy": "CreationTime", "SortOrder": "Ascending"}
    if token:
        request["NextToken"] = token
    with translated("list the hubs"):
        try:
            found = sweeper.sagemaker.list_hubs(**request)
        except ClientError as error:
            if code_of(error) in _NO_HUBS:
                return Listed(arns=())
            raise
    here, named = sweeper.environment.account, {*_named(sweeper)}
    unnamed = [arn for hub in found["HubSummaries"] if (arn := hub["HubArn"]) not in named]
    ours = tuple(arn for arn in unnamed if arn.split(":")[4] == here and _has_our_tag(sweeper, arn))
    more = found.get("NextToken")
    return Listed(arns=ours, token=f"{_THERE}{more}" if more else None)


def _has_our_tag(sweeper: Sweeper, arn: str) -> bool:
    """Ask for the tags of a hub, which no list has. One that was deleted meanwhile has none."""
    with translated(f"read the tags of {arn}"):
        try:
            return is_ours(sweeper.sagemaker.list_tags(ResourceArn=arn)["Tags"])
        except ClientError as error:
            if code_of(error) == "ResourceNotFound":
                return False
            raise
