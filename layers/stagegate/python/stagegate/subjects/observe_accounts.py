"""What has become of a member account that could not be entered: asked where that failed, and of no other."""

from botocore.exceptions import ClientError

from stagegate.aws import organization_accounts
from stagegate.aws.errors import code_of
from stagegate.core.errors import AccountClosedError, AccountLeftError, MemberRoleError, PermanentError, StagegateError
from stagegate.subjects.context import Planner

PERMISSIONS = organization_accounts.PERMISSIONS

_PERHAPS = (
    "AccountProblem",
    "AllAccessDisabled",
    "InvalidClientTokenId",
    "NotSignedUp",
    "OptInRequired",
    "SubscriptionRequiredException",
    "TargetNotFoundException",
    "UnrecognizedClientException",
)
"""What AWS may say of an account that is closed ("Common errors" of its services), and Organizations of one that has
left."""


def explained(planner: Planner, account: str, error: PermanentError) -> PermanentError:
    """Return why an account could not be looked into: AccountClosedError or AccountLeftError where Organizations says
    so, else the `error` itself. Outside an organization, and where Organizations can't be asked, nobody knows.
    """
    if planner.rules.organization.id is None or account == planner.environment.account or not _may_mean_it(error):
        return error
    own = planner.environment.account
    try:
        found = organization_accounts.membership_of(planner.organizations, account, own=own)
    except StagegateError:  # what was refused in the account says more
        return error
    if not (found.is_closed or found.has_left):
        return error
    why: PermanentError = AccountLeftError(
        f"Account {account} has left the organization, and is not entered: what is open in it may stay so. Name it in"
        " the stack's MemberAccounts, deploy, and start a sweep: it closes what the member roles there still let it."
        f" Else its owner has to remove it. ({error})"
    )
    if found.is_closed:
        why = AccountClosedError(
            f"Account {account} is closed: nobody can enter it, and nobody can use what is in it. Nothing of it is open"
            " by Stagegate. Take it out of governance.toml. If AWS opens it again, the next sweep"
            " looks at it."
        )
    why.__cause__ = error
    return why


def _may_mean_it(error: PermanentError) -> bool:
    cause = error.__cause__
    is_said = isinstance(cause, ClientError) and code_of(cause) in _PERHAPS
    return isinstance(error, MemberRoleError) or is_said
