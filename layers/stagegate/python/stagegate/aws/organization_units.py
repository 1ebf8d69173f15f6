"""Who is in an organizational unit, as Organizations says."""

from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from stagegate.aws.errors import code_of, translated

if TYPE_CHECKING:
    from mypy_boto3_organizations import OrganizationsClient

PERMISSIONS = frozenset({"organizations:ListAccountsForParent", "organizations:ListOrganizationalUnitsForParent"})


def accounts_in(organizations: "OrganizationsClient", unit: str) -> frozenset[str]:
    """Return the active accounts of a unit, or of the root, and of all units below; none where there is no such unit.

    The management account is none of them: no policy of the organization holds there, so no fence would
    ("Service control policies", Organizations user guide). Raises ThrottledError, and RefusedError.
    """
    found: set[str] = set()
    with translated(f"ask who is in unit {unit}"):
        left = [unit]
        while left:
            parent = left.pop()
            try:
                for page in organizations.get_paginator("list_accounts_for_parent").paginate(ParentId=parent):
                    found |= {
                        account["Id"]
                        for account in page["Accounts"]
                        if (account.get("State") or account.get("Status")) == "ACTIVE"
                        and account["Arn"].split(":")[4] != account["Id"]
                    }
                for below in organizations.get_paginator("list_organizational_units_for_parent").paginate(
                    ParentId=parent
                ):
                    left += [each["Id"] for each in below["OrganizationalUnits"]]
            except ClientError as error:
                if code_of(error) != "ParentNotFoundException":
                    raise
    return frozenset(found)
