"""A container's environment as people may see it: without what looks like a credential, and beside what was approved
last.
"""

import hashlib
import re
from collections.abc import Collection, Iterable, Sequence

MASK = "***"
_LONGEST = 100
"""Characters of a value, or of a name, that are shown."""

_WORDS = frozenset({"SECRET", "PASSWORD", "PASSWD", "PASSPHRASE", "TOKEN", "CREDENTIAL", "CREDENTIALS", "APIKEY"})
_PAIRS = re.compile(r"(API|ACCESS|PRIVATE|SECRET|AUTH|SIGNING)_?KEY")
# The ids of AWS's access keys ("Unique identifiers", IAM user guide), and what other issuers' keys start with.
_VALUES = re.compile(
    r"\b(AKIA|ASIA)[A-Z0-9]{16}\b|-----BEGIN|\bgh[opsur]_[A-Za-z0-9]{20,}|\bhf_[A-Za-z0-9]{20,}|\bsk-[A-Za-z0-9_-]{20,}"
    r"|\bxox[abprs]-|\beyJ[A-Za-z0-9_-]{10,}\.eyJ|://[^/\s:@]+:[^/\s@]+@|[?&]X-Amz-(Signature|Security-Token)="
)
_HARMLESS = re.compile(r"|[0-9.]+|true|false|none|null|arn:\S+|/\S*|<[^<>]*>", re.IGNORECASE)
"""Values that are none whatever they are called: nothing, numbers, switches, references, paths, and `<eos>`."""


def is_credential(name: str, value: str) -> bool:
    """Tell whether a variable looks like a credential, by its value or by its name."""
    if _VALUES.search(value):
        return True
    called = name.upper()
    is_called_so = bool(_WORDS & set(re.split(r"[^A-Z0-9]+", called))) or _PAIRS.search(called) is not None
    return is_called_so and not _HARMLESS.fullmatch(value)


def shown(environment: Iterable[tuple[str, str]]) -> list[str]:
    """Return each variable for people, in order: credentials masked, long values cut, with what tells them apart."""
    return [
        f"{_cut(name)}={MASK if is_credential(name, value) else _told_apart(value)}"
        for name, value in sorted(environment)
    ]


def shown_each(environments: Sequence[Iterable[tuple[str, str]]]) -> list[str]:
    """Return the variables of all containers for people, each with its container where there are several."""
    several = len(environments) > 1
    return [
        f"container {number}: {line}" if several else line
        for number, environment in enumerate(environments, 1)
        for line in shown(environment)
    ]


def compared(before: Collection[str], now: Collection[str]) -> list[str]:
    """Return what has become of variables, as lines: `+` for those that are new, `-` gone, `~` with another value, and
    how many are as they were.
    """
    old, new = _by_name(before), _by_name(now)
    same = sum(old.get(name) == value for name, value in new.items())
    return [
        *(f"+ {name}={new[name]}" for name in sorted(new.keys() - old.keys())),
        *(f"- {name}={old[name]}" for name in sorted(old.keys() - new.keys())),
        *(
            f"~ {name}: {old[name]} -> {new[name]}"
            for name in sorted(old.keys() & new.keys())
            if old[name] != new[name]
        ),
        *([f"= {same} as they were"] if same else []),
    ]


def credentials(environment: Iterable[tuple[str, str]]) -> list[str]:
    """Return the names of the variables that look like credentials."""
    return sorted(_cut(name) for name, value in environment if is_credential(name, value))


def _by_name(lines: Iterable[str]) -> dict[str, str]:
    return {name: value for name, _, value in (line.partition("=") for line in lines)}


def _told_apart(value: str) -> str:
    """Cut a value, with a digest of what was cut off: another end is another value."""
    cut = _cut(value)
    return cut if len(value) <= _LONGEST else f"{cut} ({hashlib.sha256(value.encode()).hexdigest()[:8]})"


def _cut(text: str) -> str:
    one_line = "".join(each if each.isprintable() else " " for each in text)
    return one_line if len(one_line) <= _LONGEST else f"{one_line[:_LONGEST]}..."
