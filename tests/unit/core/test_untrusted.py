"""What others have written is one line, cut, in quotes that it can't end."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stagegate.core.messages.mail import mail
from stagegate.core.untrusted import LONGEST, one_line, quoted, reason, word
from tests.support.hostile import HOSTILE, is_harmless
from tests.support.messages import LABELS


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Predicts churn.", '"Predicts churn."'),
        ("one\ntwo\r\nthree\x85four\u2028five\u2029six\x0bseven", '"one two three four five six seven"'),
        ("\u202eeno\u2066\u2069", '"eno"'),
        ("a\u200bb\ufeffc\u2060d\u00ade", '"abcde"'),
        ("tab\tand bell\x07and escape\x1b[2J", '"tab and bell and escape [2J"'),
        ("half \ud800 of a pair", '"half \ufffd of a pair"'),
        ('say "yes"', "\"say 'yes'\""),
        ("say \u201cyes\u201d \uff02 \u2033", "\"say 'yes' ' '\""),
        ("Z\u0301\u0302\u0303\u0304\u0305\u0306", '"Z\u0301\u0302\u0303"'),
        ("kündigt Öfter 顧客", '"kündigt Öfter 顧客"'),
        ("a\u3164b\u2800c\uffa0d\u115fe\u1160", '"abcde"'),
        ("see https://evil.example/approve", '"see https:// evil.example/approve"'),
        ("", '""'),
    ],
)
def test_text_is_one_visible_line_in_quotes(text: str, shown: str) -> None:
    assert quoted(text) == shown


def test_what_is_long_is_cut_and_counted() -> None:
    assert quoted("x" * 10_000) == f'"{"x" * LONGEST}..." and 9,700 characters more'
    assert word("s3://b/" + "x" * 1_000).endswith('..." and 707 characters more')
    assert one_line("x" * 10_000).endswith("... and 4,000 characters more")
    assert reason("x" * 700) == f'"{"x" * 700}"'


@pytest.mark.parametrize(
    "name", ["arn:aws:iam::111122223333:role/service-role/A+b=c,d.e@f-g_h", "s3://bucket/a~b%20c*", "#3", "a"]
)
def test_a_word_is_shown_as_it_is(name: str) -> None:
    assert word(name) == name


@pytest.mark.parametrize(
    "name", ["two words", "a\n", 'a"', "", "ä", "[block]", "$(x)", "a;b", "`x`", "\u202e", "https://evil.example/"]
)
def test_anything_else_is_quoted(name: str) -> None:
    assert word(name) == quoted(name)


@given(st.text(st.characters()))
def test_nothing_ends_the_quotes_or_the_line(text: str) -> None:
    shown = quoted(text, 10_000)
    assert shown[0] == shown[-1] == '"'
    assert '"' not in shown[1:-1]
    assert shown.isprintable()
    shown.encode()


@given(st.lists(st.text(st.characters()), min_size=1))
def test_a_mail_has_a_line_for_each_line(lines: list[str]) -> None:
    message = mail("subject", [["first", *(f"- {line}" for line in lines)]], LABELS)
    assert len(message.text.splitlines()) == 1 + len(lines)


def test_the_hostile_text_is_harmless_in_quotes_and_found_without() -> None:
    is_harmless(mail("subject", [[quoted(HOSTILE), word(HOSTILE), reason(HOSTILE)]], LABELS))
    for text in (f"- {HOSTILE}", HOSTILE.translate({ord('"'): None})):
        with pytest.raises(AssertionError):
            is_harmless(mail("subject", [[text]], LABELS))
