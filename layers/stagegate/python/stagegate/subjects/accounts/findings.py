"""What somebody should hear of an account: what carries our name there, and is left to its administrators."""

from collections.abc import Sequence

from stagegate.core.findings import Finding, warned
from stagegate.core.sentences import named


def lost_roles(arns: Sequence[str]) -> tuple[Finding, ...]:
    """Return the finding about roles of imports that no package wants, if there are any. Nobody takes them away: that
    Stagegate has made them only their names say.
    """
    if not arns:
        return ()
    detail = (
        f"No package wants these, which are named as the roles of imports are: {named(arns)}. A ledger that was lost"
        " leaves such roles, or somebody else has made them. Nothing was changed. If nothing uses them, let an"
        " administrator of the account delete the policies of each, and then the role."
    )
    return (warned("ImportRoleLost", detail),)
