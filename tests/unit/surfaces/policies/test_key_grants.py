"""A key's grants of ours are those of everybody who wants one; everybody else's stay."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from stagegate.core.errors import NotSettledError, RefusedError
from stagegate.iam.key_grants import KeyUse
from stagegate.surfaces.policies.write_keys import put_grants
from stagegate.targets.target import TargetType
from tests.support.documents import BUCKET, OWNER, READER
from tests.support.scripted import Answer, Scripted, refusal

KEY = f"arn:aws:kms:us-east-1:{OWNER}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
TARGET = replace(BUCKET, type=TargetType.KEY_GRANTS, name=KEY)
ROLE = f"arn:aws:iam::{READER}:role/ModelOperator"
OTHER = f"arn:aws:iam::{READER}:role/Auditor"


def a_grant(grantee: str, id_: str, **more: Any) -> dict[str, Any]:
    known = {
        "GrantId": id_,
        "Name": KeyUse(grantee=grantee).grant_name("stagegate"),
        "GranteePrincipal": grantee,
        "Operations": ["DescribeKey", "Decrypt"],
    }
    return {**known, **more}


class Grants:
    """KMS, as far as grants go."""

    def __init__(self, *grants: dict[str, Any], settles: bool = True) -> None:
        self.grants = list(grants)
        self.settles = settles
        self.unlisted = 0
        self.kms = Scripted("kms", ListGrants=self._list, CreateGrant=self._create, RevokeGrant=self._revoke)

    def put(self, *grantees: str) -> list[str]:
        """The operations that it took."""
        put_grants(self.kms.client, TARGET, [KeyUse(grantee=grantee) for grantee in grantees], "stagegate")
        return self.kms.operations

    def ids(self) -> list[str]:
        return [grant["GrantId"] for grant in self.grants]

    def _list(self, _: Mapping[str, Any]) -> Mapping[str, Any]:
        self.unlisted -= 1
        return {"Grants": [] if self.unlisted >= 0 else list(self.grants), "Truncated": False}

    def _create(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        requested = {key: value for key, value in request.items() if key != "KeyId"}
        if self.settles:
            self.grants.append({"GrantId": f"new-{len(self.grants)}", **requested})
        return {"GrantId": "new", "GrantToken": "token"}

    def _revoke(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        self.grants = [grant for grant in self.grants if grant["GrantId"] != request["GrantId"]]
        return {}


def test_a_principal_gets_a_grant_to_read_with_a_name_that_makes_it_the_same_twice() -> None:
    key = Grants()
    assert key.put(ROLE) == ["ListGrants", "CreateGrant", "ListGrants"]
    assert key.kms.of("CreateGrant") == [
        {
            "KeyId": KEY,
            "GranteePrincipal": ROLE,
            "Operations": ["Decrypt", "DescribeKey"],
            "Name": KeyUse(grantee=ROLE).grant_name("stagegate"),
        }
    ]


def test_what_is_there_is_not_made_again() -> None:
    assert set(Grants(a_grant(ROLE, "1")).put(ROLE)) == {"ListGrants"}


def test_one_look_is_enough_where_nobody_expects_a_change() -> None:
    key = Grants(a_grant(ROLE, "1"))
    put_grants(key.kms.client, TARGET, [KeyUse(grantee=ROLE)], "stagegate", is_expected=False)
    assert key.kms.operations == ["ListGrants"]


def test_a_grant_that_is_not_listed_yet_is_found_and_goes(slept: list[float]) -> None:
    """Opened and at once closed: the list doesn't show the grant for a while."""
    key = Grants(a_grant(ROLE, "1"))
    key.unlisted = 2
    assert key.put() == ["ListGrants"] * 3 + ["RevokeGrant", "ListGrants"]
    assert (key.ids(), slept) == ([], [0.0, 0.3, 1.0, 0.0])


def test_a_grant_goes_with_the_last_who_wants_it_and_first_of_all() -> None:
    key = Grants(a_grant(ROLE, "1"))
    assert key.put(OTHER) == ["ListGrants", "RevokeGrant", "CreateGrant", "ListGrants"]
    assert key.kms.of("RevokeGrant") == [{"KeyId": KEY, "GrantId": "1"}]
    assert key.ids() == ["new-0"]


def test_the_grants_of_others_stay() -> None:
    named = a_grant(ROLE, "theirs", Name="stagegate-by-hand")
    nameless = {key: value for key, value in a_grant(ROLE, "nameless").items() if key != "Name"}
    key = Grants(named, nameless)
    key.put()
    assert key.ids() == ["theirs", "nameless"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"GranteePrincipal": "AROAEXAMPLEEXAMPLE123"},
        {"Operations": ["Decrypt", "DescribeKey", "CreateGrant"]},
        {"Constraints": {"EncryptionContextEquals": {"a": "b"}}},
    ],
)
def test_one_of_ours_that_isnt_as_we_make_it_is_made_anew(wrong: dict[str, Any]) -> None:
    key = Grants(a_grant(ROLE, "wrong", **wrong))
    key.put(ROLE)
    assert "wrong" not in key.ids()
    assert len(key.ids()) == 1


def test_a_second_grant_of_one_name_goes() -> None:
    key = Grants(a_grant(ROLE, "1"), a_grant(ROLE, "2"))
    key.put(ROLE)
    assert len(key.ids()) == 1


def test_one_that_is_gone_already_is_revoked() -> None:
    key = Grants(a_grant(ROLE, "1"))
    gone: list[Answer] = [{"Grants": list(key.grants), "Truncated": False}, {"Grants": [], "Truncated": False}]
    kms = Scripted("kms", ListGrants=gone, RevokeGrant=refusal("NotFoundException"))
    put_grants(kms.client, TARGET, [], "stagegate")
    assert kms.operations == ["ListGrants", "RevokeGrant", "ListGrants"]


def test_a_key_that_takes_none_back_in_its_state_is_explained_and_the_others_go() -> None:
    """KMS's table lets grants be revoked in every state, and the call's errors have one for a wrong state."""
    grants = [a_grant(ROLE, "1"), a_grant(OTHER, "2")]
    answers: list[Answer] = [refusal("KMSInvalidStateException", f"{KEY} is pending deletion."), {}]
    kms = Scripted("kms", ListGrants={"Grants": grants, "Truncated": False}, RevokeGrant=answers)
    with pytest.raises(RefusedError, match="if its deletion is cancelled, the grant holds again"):
        put_grants(kms.client, TARGET, [], "stagegate")
    assert [request["GrantId"] for request in kms.of("RevokeGrant")] == ["1", "2"]


def test_grants_that_dont_show_are_not_taken_for_made(slept: list[float]) -> None:
    with pytest.raises(NotSettledError, match=KEY):
        Grants(settles=False).put(ROLE)
    assert len(slept) == 5


def test_a_principal_that_doesnt_exist_is_refused() -> None:
    kms = Scripted(
        "kms", ListGrants={"Grants": [], "Truncated": False}, CreateGrant=refusal("InvalidArnException", "no such")
    )
    with pytest.raises(RefusedError, match="InvalidArnException"):
        put_grants(kms.client, TARGET, [KeyUse(grantee=ROLE)], "stagegate")


def test_a_use_of_what_has_a_context_is_a_grant_of_its_own_with_that_constraint() -> None:
    use = KeyUse(
        grantee=ROLE, operations=("Decrypt", "GenerateDataKey"), context=(("aws:sagemaker:model-card-arn", "x"),)
    )
    key = Grants(a_grant(ROLE, "1"))
    put_grants(key.kms.client, TARGET, [KeyUse(grantee=ROLE), use], "stagegate")
    assert key.kms.of("CreateGrant") == [
        {
            "KeyId": KEY,
            "GranteePrincipal": ROLE,
            "Operations": ["Decrypt", "GenerateDataKey"],
            "Name": use.grant_name("stagegate"),
            "Constraints": {"EncryptionContextSubset": {"aws:sagemaker:model-card-arn": "x"}},
        }
    ]
    assert use.grant_name("stagegate") != KeyUse(grantee=ROLE).grant_name("stagegate")
    put_grants(key.kms.client, TARGET, [KeyUse(grantee=ROLE)], "stagegate")
    assert key.ids() == ["1"]


def test_a_key_that_is_gone_has_nothing_left_to_take_back_and_can_open_nothing() -> None:
    gone = refusal("NotFoundException")
    kms = Scripted("kms", ListGrants=gone, CreateGrant=gone)
    put_grants(kms.client, TARGET, [], "stagegate")
    assert set(kms.operations) == {"ListGrants"}
    with pytest.raises(RefusedError, match=TARGET.id):
        put_grants(kms.client, TARGET, [KeyUse(grantee=ROLE)], "stagegate")
