"""What is said where a second person has to approve, and nothing tells that one has."""

from collections.abc import Collection

from stagegate.approvals.principals import Actor
from stagegate.approvals.records import AuditRecord
from stagegate.core.findings import Finding, blocked
from stagegate.core.untrusted import word


def four_eyes(approval: AuditRecord, authors: Collection[Actor], stage: str) -> Finding:
    """Return the finding for an approval by one of these authors, or by somebody who can't be told from all of them."""
    approver = approval.actor
    if any(author.person == approver.person for author in authors):
        return blocked(
            "FourEyes",
            f"{word(approver.arn)} wrote this content and approved it. Somebody else on the list of {stage} has to.",
            stage,
        )
    if any(author.is_in_studio or approver.is_in_studio for author in authors):
        return blocked(
            "FourEyes",
            f"{word(approver.arn)} approved, and the content was written in a Studio session that doesn't say whose it"
            f" was. Set ExecutionRoleIdentityConfig to USER_PROFILE_NAME for the Studio domain and save the content"
            f" again, or have somebody on the list of {stage} approve who doesn't use Studio.",
            stage,
        )
    written = ", ".join(sorted(word(author.arn) for author in authors))
    return blocked(
        "FourEyes",
        f"{word(approver.arn)} approved what {written} wrote, and nothing tells that these are two people: whoever"
        " assumes a role chooses the session's name, and often its source identity. Let somebody on the list of"
        f" {stage} approve under another role and name, or by IAM Identity Center.",
        stage,
    )
