"""Organizations' answers about an account: inside, outside, or unknown where the question itself is refused."""

from collections.abc import Mapping
from typing import Any

import pytest

from stagegate.approvals.membership import Membership
from stagegate.aws.organization_accounts import membership_of
from stagegate.core.errors import RefusedError, ThrottledError
from tests.support.builders import DEV, GOVERNANCE
from tests.support.scripted import Answer, Scripted, refusal

REFUSALS = ("AccessDeniedException", "AccountNotFoundException", "AWSOrganizationsNotInUseException")


def asked(own: Answer, theirs: Answer) -> Scripted:
    def answer(request: Mapping[str, Any]) -> Mapping[str, Any]:
        found = own if request["AccountId"] == GOVERNANCE else theirs
        assert not callable(found)
        if isinstance(found, Exception):
            raise found
        return found

    return Scripted("organizations", DescribeAccount=answer)


def membership(theirs: Answer, own: Answer | None = None) -> Membership:
    organizations = asked(own or {"Account": {"State": "ACTIVE"}}, theirs)
    return membership_of(organizations.client, DEV, own=GOVERNANCE)


@pytest.mark.parametrize("account", [{"State": "ACTIVE"}, {"Status": "ACTIVE"}, {"State": "ACTIVE", "Status": "x"}])
def test_an_active_account_is_inside(account: dict[str, Any]) -> None:
    organizations = asked({}, {"Account": account})
    assert membership_of(organizations.client, DEV, own=GOVERNANCE).is_inside is True
    assert organizations.of("DescribeAccount") == [{"AccountId": DEV}]


@pytest.mark.parametrize("state", ["CLOSED", "PENDING_ACTIVATION", "PENDING_CLOSURE", "SUSPENDED"])
@pytest.mark.parametrize("key", ["State", "Status"])
def test_any_other_state_is_outside_and_named(key: str, state: str) -> None:
    assert membership({"Account": {key: state}}) == Membership(is_inside=False, why=f"it is {state}", state=state)


def test_an_answer_without_a_state_lets_nobody_in() -> None:
    assert membership({"Account": {}}).is_inside is False


@pytest.mark.parametrize("code", REFUSALS)
def test_what_is_refused_of_them_and_answered_of_us_is_outside(code: str) -> None:
    found = membership(refusal(code, "no"))
    assert (found.is_inside, found.why) == (False, f'Organizations says {code} ("no")')


@pytest.mark.parametrize("code", REFUSALS)
@pytest.mark.parametrize("own", REFUSALS)
def test_what_is_refused_of_us_as_well_is_unknown(code: str, own: str) -> None:
    assert membership(refusal(code, "no"), refusal(own)).is_inside is None


@pytest.mark.parametrize(
    ("code", "error"), [("TooManyRequestsException", ThrottledError), ("InvalidInputException", RefusedError)]
)
def test_other_errors_are_raised_whichever_question_they_answer(code: str, error: type[Exception]) -> None:
    with pytest.raises(error, match=f"ask whether account {DEV} is in the organization"):
        membership(refusal(code))
    with pytest.raises(error):
        membership(refusal("AccessDeniedException"), refusal(code))
