"""What the state machines hand to functions, for those who invoke one themselves."""

from collections.abc import Mapping
from typing import Any

from sandbox.stagegate.organization import Organization
from stagegate.aws.release import Release


def handed(organization: Organization, request: Mapping[str, Any]) -> dict[str, Any]:
    """Return the request in an envelope of the release and the rules that are deployed."""
    found = organization.admin("lambda", "governance").get_function_configuration(FunctionName="stagegate-plan")
    deployed = Release.of(found["Environment"]["Variables"]["STAGEGATE_RELEASE"], organization.settings)
    return {"by": {"release": deployed.release, "rules": deployed.rules}, "request": dict(request)}
