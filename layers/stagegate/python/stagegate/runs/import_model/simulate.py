"""What a role may do, by IAM's own simulator. It changes nothing, and nobody's trust."""

from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from stagegate.aws.errors import code_of, translated
from stagegate.runs.import_model.preflight import Check, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mypy_boto3_iam import IAMClient

PERMISSIONS = frozenset({"iam:SimulatePrincipalPolicy"})


def verdicts(iam: "IAMClient", role_arn: str, checks: "Iterable[Check]") -> dict[Check, Verdict] | None:
    """Return what the simulator says of each check; None where there is no such role. Raises RefusedError.

    It fills in no context key: all that a policy asks for has to be in the check.
    """
    found: dict[Check, Verdict] = {}
    for check in checks:
        with translated(f"simulate {check.action} by {role_arn}"):
            try:
                answer = iam.simulate_principal_policy(
                    PolicySourceArn=role_arn,
                    ActionNames=[check.action],
                    ResourceArns=[check.resource],
                    ContextEntries=[
                        {"ContextKeyName": name, "ContextKeyValues": [value], "ContextKeyType": "string"}
                        for name, value in check.context
                    ],
                )
            except ClientError as error:
                if code_of(error) == "NoSuchEntity":
                    return None
                raise
        (result,) = answer["EvaluationResults"]
        found[check] = Verdict(
            is_allowed=result["EvalDecision"] == "allowed",
            is_explicit=result["EvalDecision"] == "explicitDeny",
            by_boundary=not result.get("PermissionsBoundaryDecisionDetail", {}).get(
                "AllowedByPermissionsBoundary", True
            ),
            by_organization=not result.get("OrganizationsDecisionDetail", {}).get("AllowedByOrganizations", True),
        )
    return found
