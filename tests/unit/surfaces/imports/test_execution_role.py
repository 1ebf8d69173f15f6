"""An execution role is taken away whatever a read says of it."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from stagegate.core.errors import RefusedError, ThrottledError
from stagegate.surfaces.imports.write_role import delete_role
from tests.support.scripted import Scripted, refusal

GONE = refusal("NoSuchEntity")
DENIED = refusal("AccessDenied")
STANDING = {
    "Role": {
        "Path": "/stagegate/",
        "RoleName": "weights",
        "RoleId": "AROAEXAMPLEEXAMPLE123",
        "Arn": "arn:aws:iam::222233334444:role/stagegate/weights",
        "CreateDate": datetime(2026, 1, 1, tzinfo=UTC),
    }
}


@pytest.mark.parametrize("has_policy", [True, False])
def test_a_read_that_finds_no_role_keeps_none(*, has_policy: bool) -> None:
    roles = {"weights"}

    def delete(request: Mapping[str, Any]) -> dict[str, Any]:
        roles.remove(request["RoleName"])
        return {}

    policy: Any = {} if has_policy else GONE
    iam = Scripted("iam", GetRole=GONE, DeleteRolePolicy=policy, DeleteRole=delete)
    delete_role(iam.client, "weights")
    assert roles == set()


def test_a_role_that_is_gone_already_is_no_error() -> None:
    delete_role(Scripted("iam", GetRole=GONE, DeleteRolePolicy=GONE, DeleteRole=GONE).client, "weights")


@pytest.mark.parametrize("policy", [DENIED, {}])
def test_a_role_that_is_gone_already_may_be_denied_as_one_without_our_path(policy: Any) -> None:
    """Gone before, or by a deletion whose answer was lost: nobody can give such a call its permission."""
    delete_role(Scripted("iam", GetRole=GONE, DeleteRolePolicy=policy, DeleteRole=DENIED).client, "weights")


@pytest.mark.parametrize("found", [STANDING, DENIED])
def test_a_denial_about_a_role_that_may_be_there_is_one(found: Any) -> None:
    iam = Scripted("iam", GetRole=found, DeleteRolePolicy=DENIED, DeleteRole=DENIED)
    with pytest.raises(RefusedError, match="DeleteRolePolicy was refused: AccessDenied"):
        delete_role(iam.client, "weights")
    assert "DeleteRole" not in iam.operations


def test_a_look_that_fails_and_passes_is_taken_again() -> None:
    iam = Scripted("iam", GetRole=refusal("Throttling"), DeleteRolePolicy=DENIED)
    with pytest.raises(ThrottledError, match="GetRole was refused: Throttling"):
        delete_role(iam.client, "weights")
