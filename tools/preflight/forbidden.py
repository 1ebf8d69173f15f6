"""What must not be in anything that is deployed: secrets, and what somebody has left to be filled in. Pure."""

import re
from collections.abc import Mapping

from stagegate_cli.checks import Check

_FORBIDDEN = {
    "an access key id": r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b",
    "a secret access key": r"(?i)secret_?access_?key\W{1,4}[A-Za-z0-9/+]{40}\b",
    "a private key": r"-----BEGIN [A-Z ]*PRIVATE KEY-----",
    "a token": r"\b(?:gh[pousr]_[A-Za-z0-9]{36}|xox[abprs]-[A-Za-z0-9-]{10,}|glpat-[A-Za-z0-9_-]{20})",
    "something to be filled in": r"\b(?:CHANGE_?ME|FIX_?ME|YOUR[-_][A-Z_-]+)\b",
}


def forbidden(texts: Mapping[str, str]) -> Check:
    """Return the check of what is deployed, by file. It says where, and never what: a page is kept and passed on."""
    problems = [
        f"{name}:{text.count(chr(10), 0, match.start()) + 1}: found {what}; allowed: none"
        for name, text in sorted(texts.items())
        for what, pattern in _FORBIDDEN.items()
        for match in re.finditer(pattern, text)
    ]
    return Check("secrets and placeholders", f"{len(texts)} files", "none", tuple(problems))
