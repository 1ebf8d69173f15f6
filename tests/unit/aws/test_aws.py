"""Whether trying again can help, and the one way into a member account."""

import json
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import EndpointConnectionError, ParamValidationError, ReadTimeoutError

from stagegate.aws.config import ONCE, REPEATABLE
from stagegate.aws.errors import cause_of, code_of, translated
from stagegate.aws.sessions import Members
from stagegate.core import errors
from tests.support.builders import NOON
from tests.support.scripted import Answer, Scripted, refusal

ROLE = "arn:aws:iam::222233334444:role/stagegate-member-share"
POLICY = {"Version": "2012-10-17", "Statement": []}
ASSUMED: Answer = {
    "Credentials": {"AccessKeyId": "A" * 16, "SecretAccessKey": "secret", "SessionToken": "token", "Expiration": NOON}
}


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (refusal("ThrottlingException"), errors.ThrottledError),
        (refusal("TooManyRequestsException"), errors.ThrottledError),
        (refusal("ServiceUnavailableException", ResponseMetadata={"HTTPStatusCode": 503}), errors.ThrottledError),
        (refusal("AccessDeniedException"), errors.RefusedError),
        (refusal("ValidationException"), errors.RefusedError),
        (ParamValidationError(report="no such parameter"), errors.RefusedError),
        (ReadTimeoutError(endpoint_url="https://ram"), errors.ThrottledError),
        (EndpointConnectionError(endpoint_url="https://ram"), errors.ThrottledError),
    ],
)
def test_awss_refusals_become_ours_and_say_what_was_being_done(error: Exception, expected: type[Exception]) -> None:
    with pytest.raises(expected, match=r"^read the card: ") as raised, translated("read the card"):
        raise error
    assert raised.value.__cause__ is error


def test_a_refusal_names_the_operation_the_code_and_awss_words() -> None:
    with (
        pytest.raises(errors.RefusedError, match=r'^open: Scripted was refused: AccessDenied: "no ram:Tag"$'),
        translated("open"),
    ):
        raise refusal("AccessDenied", "no ram:Tag")


def test_our_own_errors_pass_as_they_are() -> None:
    with pytest.raises(errors.NotSettledError), translated("open"):
        raise errors.NotSettledError
    assert code_of(refusal("X")) == "X"


@pytest.fixture
def anybody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Clients that are made as the functions make them."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "example")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "example")


@pytest.mark.parametrize(("config", "attempts"), [(ONCE, 1), (REPEATABLE, 4)])
def test_a_document_is_sent_once_and_everything_else_may_be_repeated(
    anybody: None, config: Config, attempts: int
) -> None:
    used: Any = boto3.client("ram", config=config).meta.config
    assert (used.retries["total_max_attempts"], used.retries["mode"]) == (attempts, "standard")
    assert (used.connect_timeout, used.read_timeout) == (3, 10)


def members(answer: Answer, external_id: str | None = None) -> tuple[Scripted, Members]:
    sts = Scripted("sts", AssumeRole=answer)
    return sts, Members(
        sts=sts.client, role_name="stagegate-member-share", session_name="stagegate", external_id=external_id
    )


@pytest.mark.parametrize(("external_id", "extra"), [(None, {}), ("agreed", {"ExternalId": "agreed"})])
def test_a_member_is_entered_for_the_change_at_hand(external_id: str | None, extra: dict[str, str]) -> None:
    sts, way_in = members(ASSUMED, external_id)
    session = way_in.session("222233334444", partition="aws", policy=POLICY)
    (request,) = sts.of("AssumeRole")
    assert json.loads(request.pop("Policy")) == POLICY
    assert request == {"RoleArn": ROLE, "RoleSessionName": "stagegate", "DurationSeconds": 900, **extra}
    credentials = session.get_credentials()
    assert credentials is not None
    assert credentials.token == "token"


def test_a_member_role_that_is_missing_says_what_to_deploy() -> None:
    _, way_in = members(refusal("AccessDenied"))
    with pytest.raises(
        errors.MemberRoleError, match=rf"{ROLE}: found no way in; .* Deploy member-template.yaml into 2222"
    ):
        way_in.session("222233334444", partition="aws", policy=POLICY)


def test_a_member_role_is_tried_again_where_that_can_help() -> None:
    _, way_in = members(refusal("Throttling"))
    with pytest.raises(errors.ThrottledError, match=f"assume {ROLE}"):
        way_in.session("222233334444", partition="aws", policy=POLICY)


def test_a_session_name_fits(anybody: None) -> None:
    assert Members.through("role", "x" * 99, None).session_name == "x" * 64


class TestACause:
    WORDS = 'remove "a" from the hub: refused \u00e9'
    WHOLE = json.dumps({"errorMessage": WORDS, "errorType": "RefusedError", "stackTrace": ["File x\n" * 400]})

    def test_of_a_function_is_its_words(self) -> None:
        assert cause_of(self.WHOLE) == self.WORDS

    @pytest.mark.parametrize("length", [2000, 100])
    def test_that_was_cut_has_its_words_still(self, length: int) -> None:
        assert len(self.WHOLE) > length
        assert cause_of(self.WHOLE[:length]) == self.WORDS

    def test_that_was_cut_within_its_words_has_what_is_left(self) -> None:
        end = self.WHOLE.index("hub: ")
        assert cause_of(self.WHOLE[:end]) == 'remove "a" from the '
        assert cause_of(self.WHOLE[: self.WHOLE.index("e9")]).endswith("refused \\u00")

    @pytest.mark.parametrize("found", ["", "timed out", "[1]", '{"message": "x"}'])
    def test_of_something_else_is_left_as_it_is(self, found: str) -> None:
        assert cause_of(found) == found
