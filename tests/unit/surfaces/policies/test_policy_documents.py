"""A document that others write as well: nothing of theirs is lost, and ours is what everybody wants."""

import json
from contextlib import nullcontext
from dataclasses import replace

import pytest

from stagegate.core.errors import DocumentTooLargeError, NotSettledError, RefusedError, ThrottledError
from stagegate.iam.encoding import encoded
from stagegate.iam.merge import merge
from stagegate.iam.read import UnreadablePolicyError
from stagegate.iam.statements import SID_PREFIX, Statement, sid_of, to_json
from stagegate.surfaces.policies.write import put_statements
from tests.support.documents import Kept, document, foreign, reads
from tests.support.scripted import refusal
from tests.support.statements import grant

ONE, TWO = reads("one.tar.gz"), reads("two.tar.gz")


def test_ours_are_put_beside_those_of_others() -> None:
    kept = Kept(document(foreign(), reads("gone.tar.gz")))
    rendered = put_statements(kept, [ONE], SID_PREFIX)
    assert kept.sids() == ["Others", sid_of(ONE)]
    assert kept.done == ["read", "write", "read"]
    assert (rendered.foreign, rendered.ours) == (1, 1)


def test_what_stands_already_is_not_written_again() -> None:
    kept = Kept()
    put_statements(kept, [ONE, TWO], SID_PREFIX)
    kept.done.clear()
    put_statements(kept, [TWO, ONE], SID_PREFIX)
    assert set(kept.done) == {"read"}


def test_what_the_last_release_wrote_is_written_anew_with_the_next_change_by_one_put() -> None:
    """0.2.0 listed every role. Nothing changed: nothing is written. One PUT replaces all of ours: nobody waits."""
    accounts = ("222233334444", "333344445555", "444455556666")
    grants = [grant(account, "one", roles=["Deploy"]) for account in accounts]
    kept = Kept(document(foreign(), *merge(grants)))
    put_statements(kept, grants, SID_PREFIX, is_expected=False)
    assert kept.done == ["read"]
    kept.done.clear()
    put_statements(kept, [*grants, grant("555566667777", "one", roles=["Deploy"])], SID_PREFIX)
    assert kept.done == ["read", "write", "read"]
    others, ours = json.loads(kept.text or "")["Statement"]
    assert others == foreign()
    assert ours["Principal"] == {"AWS": [*accounts, "555566667777"]}
    assert ours["Condition"] == {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/Deploy"}}


def test_that_nothing_is_to_be_done_is_not_believed_at_the_first_look(slept: list[float]) -> None:
    """Opened and at once closed: a read that is behind shows the document as if it had never been opened."""
    kept = Kept(document(foreign()))
    put_statements(kept, [ONE], SID_PREFIX)
    slept.clear()
    kept.stale_reads = 2
    put_statements(kept, [], SID_PREFIX)
    assert kept.sids() == ["Others"]
    assert slept == [0.0, 0.3, 1.0, 0.0]


def test_one_look_is_enough_where_nobody_expects_a_change(slept: list[float]) -> None:
    kept = Kept(document(ONE))
    put_statements(kept, [ONE], SID_PREFIX, is_expected=False)
    assert (kept.done, slept) == (["read"], [0.0])


def test_a_policy_in_which_nothing_is_left_is_deleted() -> None:
    kept = Kept(document(ONE))
    put_statements(kept, [], SID_PREFIX)
    assert (kept.text, kept.done) == (None, ["read", "delete", "read"])


def test_a_policy_in_which_others_have_something_is_kept() -> None:
    kept = Kept(document(foreign(), ONE))
    put_statements(kept, [], SID_PREFIX)
    assert kept.sids() == ["Others"]


def test_nothing_is_deleted_where_nothing_is() -> None:
    kept = Kept()
    put_statements(kept, [], SID_PREFIX)
    assert set(kept.done) == {"read"}


def test_a_read_that_is_behind_is_repeated_and_nothing_is_written_twice(slept: list[float]) -> None:
    kept = Kept(stale_reads=2)
    put_statements(kept, [ONE], SID_PREFIX)
    assert kept.done == ["read", "read", "write", "read", "read", "read"]
    assert len(slept) == 5


def test_a_read_that_finds_no_policy_takes_nobody_s_statement_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is one: what is written on the first such answer would take the others' statements away."""
    kept = Kept(document(foreign()))
    answers = iter([None])
    monkeypatch.setattr(kept, "read", lambda: next(answers, kept.text))
    put_statements(kept, [ONE], SID_PREFIX)
    assert kept.sids() == ["Others", sid_of(ONE)]


@pytest.mark.parametrize(
    ("looks", "is_expected", "is_settled"),
    [
        ("none", False, True),
        ("same none", True, True),
        ("same same none", True, False),
        ("none same none", True, False),
        ("none same none", False, False),
    ],
)
def test_one_look_that_finds_no_policy_takes_nobody_s_statement_away_whatever_came_before(
    monkeypatch: pytest.MonkeyPatch, looks: str, *, is_expected: bool, is_settled: bool
) -> None:
    standing = document(foreign(), ONE)
    kept = Kept(standing)
    answers = iter([None if look == "none" else standing for look in looks.split()])
    monkeypatch.setattr(kept, "read", lambda: next(answers, kept.text))
    unsettled = pytest.raises(NotSettledError, match="some looks find no policy")
    with nullcontext() if is_settled else unsettled:
        put_statements(kept, [ONE], SID_PREFIX, is_expected=is_expected)
    assert (kept.text, kept.done) == (standing, [])


@pytest.mark.parametrize("is_expected", [True, False])
def test_what_two_looks_in_a_row_say_is_gone_is_written_anew(*, is_expected: bool) -> None:
    kept = Kept()
    put_statements(kept, [ONE], SID_PREFIX, is_expected=is_expected)
    assert kept.done == ["read", "read", "write", "read"]


def test_what_somebody_else_adds_right_after_us_is_theirs() -> None:
    kept = Kept(after_write=lambda text: document(foreign(), *json.loads(text or "{}")["Statement"]))
    put_statements(kept, [ONE], SID_PREFIX)
    assert kept.sids() == ["Others", sid_of(ONE)]


def test_an_update_that_somebody_has_overwritten_is_not_taken_for_done() -> None:
    """They read before our PUT and wrote after it: ours is gone, and the whole has to be done again."""
    kept = Kept(document(foreign()), after_write=lambda _: document(foreign(), foreign("More")))
    with pytest.raises(NotSettledError, match="isn't what stands there"):
        put_statements(kept, [ONE], SID_PREFIX)
    assert kept.done.count("write") == 1
    kept.after_write = lambda text: text
    put_statements(kept, [ONE], SID_PREFIX)
    assert kept.sids() == ["Others", "More", sid_of(ONE)]


@pytest.mark.parametrize(
    "code", ["OperationAborted", "SlowDown", "ConflictException", "ThrottlingException", "ServerException"]
)
def test_a_write_that_collides_is_tried_again_by_the_state_machine(code: str) -> None:
    kept = Kept(document(foreign()), refusal=refusal(code, "A conditional operation is in progress"))
    with pytest.raises(ThrottledError, match=code):
        put_statements(kept, [ONE], SID_PREFIX)
    assert kept.done == ["read", "write"]


class TestAServiceThatTakesNoAccountById:
    grants = tuple(grant(account, "one", roles=["Deploy"]) for account in ("222233334444", "333344445555"))

    @pytest.fixture
    def kept(self, monkeypatch: pytest.MonkeyPatch) -> Kept:
        kept = Kept(document(foreign(), *merge(self.grants)))
        put = kept.write

        def write(text: str) -> None:
            ours = json.loads(text)["Statement"][1:]
            kept.refusal = (
                None if all(":root" in str(each["Principal"]) for each in ours) else refusal("MalformedPolicy")
            )
            put(text)

        monkeypatch.setattr(kept, "write", write)
        return kept

    @pytest.mark.parametrize("wanted", [grants[1:], (*grants, grant("444455556666", "one", roles=["Deploy"]))])
    def test_gets_every_role_and_account_by_its_arn(self, kept: Kept, wanted: tuple[Statement, ...]) -> None:
        """What is closed mustn't stay open for the way in which it is said."""
        put_statements(kept, wanted, SID_PREFIX)
        assert kept.done == ["read", "write", "write", "read"]
        assert json.loads(kept.text or "")["Statement"] == [foreign(), *map(to_json, merge(wanted))]
        kept.done.clear()
        put_statements(kept, wanted, SID_PREFIX)
        assert set(kept.done) == {"read"}

    def test_refuses_what_is_too_large_in_that_form(self, kept: Kept) -> None:
        standing = kept.text
        most = len(json.dumps(json.loads(document(foreign(), *merge(self.grants))), separators=(",", ":"))) - 1
        kept.limit = replace(kept.limit, size=most)
        more = (*self.grants, grant("444455556666", "one", roles=["Deploy"]))
        with pytest.raises(RefusedError, match="MalformedPolicy"):
            put_statements(kept, more, SID_PREFIX)
        assert (kept.text, kept.done) == (standing, ["read", "write"])


class TestADeadPrincipal:
    dead = foreign("Auditors", "AROAEXAMPLEEXAMPLE123")
    malformed = refusal("MalformedPolicy", "Invalid principal in policy")

    def test_of_somebody_else_is_named_with_its_statement(self) -> None:
        kept = Kept(document(self.dead), refusal=self.malformed)
        with pytest.raises(RefusedError, match=r"AROAEXAMPLEEXAMPLE123 in statement Auditors.*Nothing was written"):
            put_statements(kept, [ONE], SID_PREFIX)

    def test_is_not_blamed_for_another_refusal(self) -> None:
        kept = Kept(document(self.dead), refusal=refusal("AccessDenied", "explicit deny"))
        with pytest.raises(RefusedError, match='AccessDenied: "explicit deny"') as caught:
            put_statements(kept, [ONE], SID_PREFIX)
        assert "AROA" not in str(caught.value)

    def test_isnt_invented(self) -> None:
        kept = Kept(document(foreign()), refusal=self.malformed)
        with pytest.raises(RefusedError, match='MalformedPolicy: "Invalid principal in policy"'):
            put_statements(kept, [ONE], SID_PREFIX)

    def test_of_ours_is_written_anew(self) -> None:
        """A statement that carries our Sid is ours, whatever became of it."""
        broken = foreign(sid_of(ONE), "AROAEXAMPLEEXAMPLE123")
        kept = Kept(document(broken))
        put_statements(kept, [ONE], SID_PREFIX)
        assert json.loads(kept.text or "")["Statement"] == [encoded(ONE)]


def test_a_document_that_would_be_too_large_is_not_written() -> None:
    kept = Kept(document(foreign()))
    kept.limit = replace(kept.limit, size=300, ways_out=("another bucket",))
    with pytest.raises(DocumentTooLargeError, match="Ways out: another bucket"):
        put_statements(kept, [ONE], SID_PREFIX)
    assert kept.done == ["read"]


def test_a_document_that_cant_be_read_is_not_written() -> None:
    kept = Kept("{")
    with pytest.raises(UnreadablePolicyError):
        put_statements(kept, [ONE], SID_PREFIX)
    assert kept.done == ["read"]
