"""An execution role is taken away whatever a read says of it."""

from collections.abc import Mapping
from typing import Any

import pytest

from stagegate.surfaces.imports.write_role import delete_role
from tests.support.scripted import Scripted, refusal

GONE = refusal("NoSuchEntity")


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
