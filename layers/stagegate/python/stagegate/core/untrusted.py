"""Text that others have written, as our messages show it: of cards, packages, tags, policies, and AWS's own words.

Whoever writes a card writes into a mail that asks an approver for a decision. What they say is one line, cut, and in
quotes that it can't end, so that it can't look like ours.
"""

import re

LONGEST = 300
"""Characters of a value that a message shows."""
LONGEST_REASON = 700
"""The same of AWS's reasons: a refusal names a caller, an action, a resource and the policy that decided."""
LONGEST_LINE = 6_000
"""Characters of a whole line: one that lists all statements of a document is the longest of ours."""

# What AWS's names and addresses are made of. Nothing of ours is a single word of these.
_WORD = re.compile(r"[A-Za-z0-9_+=,.@:/*#%~-]+")
# `"` and what looks like it.
_QUOTES = str.maketrans(
    dict.fromkeys('"\u02ba\u02ee\u05f4\u201c\u201d\u201e\u201f\u2033\u2036\u275d\u275e\u3003\u301d\u301e\uff02', "'")
)
# What mails and chats make a link of. No programme opens what is in S3.
_ADDRESS = re.compile(r"(?<!s3)://")
_BREAKS = re.compile(r"[^\S ]+|[\x00-\x1f\x7f-\x9f]+")
_SURROGATES = re.compile(r"[\ud800-\udfff]")
# What Unicode calls letters or symbols, and shows as nothing: fillers of Hangul, and the blank of Braille.
_BLANKS = re.compile("[\u115f\u1160\u2800\u3164\uffa0]")
_MARKS_IN_A_ROW = re.compile(r"([\u0300-\u036f]{3})[\u0300-\u036f]+")


def quoted(text: object, most: int = LONGEST) -> str:
    """Return text in double quotes: one line, without characters that can't be seen or turn the order of others, and at
    most `most` characters of it. There is no double quote within, and no address that becomes a link: a space
    follows its `://`.
    """
    said = " ".join(_ADDRESS.sub(":// ", one_line(str(text).translate(_QUOTES), None)).split())
    more = len(said) - most
    return f'"{said[:most]}"' if more <= 0 else f'"{said[:most]}..." and {more:,} characters more'


def word(text: object, most: int = LONGEST) -> str:
    """Return a name or an address as it is where it is nothing but a word of ASCII, and else as `quoted` does. Of what
    has a scheme, only S3's is a word.
    """
    found = str(text)
    is_word = len(found) <= most and _WORD.fullmatch(found) and "://" not in found.removeprefix("s3://")
    return found if is_word else quoted(found, most)


def reason(text: object) -> str:
    """Return what AWS gives as a reason, in quotes: others' names are in it."""
    return quoted(text, LONGEST_REASON)


def one_line(text: str, most: int | None = LONGEST_LINE) -> str:
    """Return text in one line, without control, format (bidirectional, zero-width), blank and private characters, and
    with half surrogate pairs replaced, which nothing can encode.
    """
    seen = text
    if not (text.isascii() and text.isprintable()):  # most of it is, and reports have thousands of lines
        whole = _BLANKS.sub("", _BREAKS.sub(" ", _SURROGATES.sub("\ufffd", text)))
        seen = _MARKS_IN_A_ROW.sub(r"\1", "".join(each for each in whole if each.isprintable()))
    return seen if most is None or len(seen) <= most else f"{seen[:most]}... and {len(seen) - most:,} characters more"
