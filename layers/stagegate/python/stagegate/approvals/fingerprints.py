"""What the bytes of a package were at one moment, small enough to be kept with the approval that was about them."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

MOST_NAMED = 50
"""Of a package of more objects than this, the record can tell that something has changed, and no longer what."""

MOST_TEXT = 4096
"""Of the names in pins that are sent along with an import, through state machines whose input is limited."""

_DIGITS = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Fingerprint:
    """One object or image by its address, and a digest that is another one once it has been written anew."""

    name: str
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fingerprints:
    """All the bytes of a package: `digest` is over all of them, `named` has each if there are at most MOST_NAMED.

    `data` is the digest over the objects alone, "" where there are no images beside them.
    """

    digest: str
    count: int
    named: tuple[Fingerprint, ...] = ()
    data: str = ""


def fingerprints_of(found: Mapping[str, object]) -> Fingerprints:
    """Return the pins of what was found at each address: any JSON value, the same as long as nobody writes there."""
    digests = {name: hashlib.sha256(json.dumps(value).encode()).hexdigest() for name, value in sorted(found.items())}
    named = tuple(Fingerprint(name=name, digest=digest[:_DIGITS]) for name, digest in digests.items())
    return Fingerprints(
        digest=hashlib.sha256(json.dumps(list(digests.items())).encode()).hexdigest(),
        count=len(digests),
        named=named if len(named) <= MOST_NAMED else (),
    )


def of_data(fingerprints: Fingerprints) -> Fingerprints:
    """Return the pins of the objects alone, which name each only where that makes no more than MOST_TEXT characters."""
    named = tuple(fingerprint for fingerprint in fingerprints.named if fingerprint.name.startswith("s3://"))
    is_short = sum(len(fingerprint.name) for fingerprint in named) <= MOST_TEXT
    return Fingerprints(
        digest=fingerprints.data or fingerprints.digest,
        count=len(named) if fingerprints.named else fingerprints.count,
        named=named if is_short else (),
    )


def changed(before: Fingerprints, now: Fingerprints) -> tuple[str, ...]:
    """Return the addresses at which something else lies now, or nothing, or something for the first time.

    They are empty where nothing has changed, and where one of the two is too large to say what has.
    """
    if not (before.named or not before.count) or not (now.named or not now.count):
        return ()
    then, today = (
        {fingerprint.name: fingerprint.digest for fingerprint in fingerprints.named} for fingerprints in (before, now)
    )
    return tuple(sorted(name for name in then.keys() | today.keys() if then.get(name) != today.get(name)))
