"""What a package's specification mentions anywhere: addresses on S3, images, and what nobody can fingerprint.

A container can be told by a variable of its environment to load its code from S3, and its weights from anywhere.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from stagegate.core.addresses import S3Uri, repository_of, s3_uri

_S3 = re.compile(r"s3[an]?://[^\s\"'<>|,;]+", re.IGNORECASE)
_OTHER_S3 = re.compile(
    r"https?://[^\s\"'<>|,;]*\bs3[.-][^\s\"'<>|,;]*amazonaws\.com[^\s\"'<>|,;]*|arn:aws[a-z-]*:s3:[^\s\"'<>|,;]+",
    re.IGNORECASE,
)
_BRACKETS = ")]}"
_NOT_OF_AN_IMAGE = re.compile(r"[^A-Za-z0-9._/:@-]+")
_SECRETS_OF_AN_ADDRESS = re.compile(r"\?.*$|(?<=//)[^/@]*@")

_MODEL_IDS = frozenset({"HF_MODEL_ID", "OPTION_MODEL_ID"})
"""Variables by which containers of Hugging Face and DJL load a model when they start ("LMI environment variables")."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mentions:
    """What was found in texts: data as prefixes, as nothing tells objects from folders; images; and what is neither.

    `unpinned` are the places, for people, of what can't be looked at, without queries and names of users.
    """

    data: tuple[S3Uri, ...] = ()
    images: tuple[str, ...] = ()
    unpinned: tuple[str, ...] = ()


NONE = Mentions()


def mentions_in(value: object, besides: Iterable[str] = ()) -> Mentions:
    """Return what any text below a JSON value mentions, without the addresses `besides`, which are known."""
    known = set(besides)
    data: set[S3Uri] = set()
    images: set[str] = set()
    unpinned: set[str] = set()
    for name, text in _texts(value):
        for found in _S3.findall(text):
            address = found.rstrip(_BRACKETS) if "{" not in found and "[" not in found else found
            if address in known:
                continue
            uri = s3_uri(address, is_prefix=True)
            if uri:
                data.add(uri)
            else:
                unpinned.add(address)
        unpinned |= {_SECRETS_OF_AN_ADDRESS.sub("", found) for found in _OTHER_S3.findall(text)}
        images |= {part for part in _NOT_OF_AN_IMAGE.split(text) if part not in known and repository_of(part)}
        if name in _MODEL_IDS and not text.startswith("/") and not _S3.match(text):
            unpinned.add(f"{name}={text}")
    return Mentions(data=tuple(sorted(data, key=str)), images=tuple(sorted(images)), unpinned=tuple(sorted(unpinned)))


def _texts(value: object, name: str = "") -> Iterator[tuple[str, str]]:
    """Yield each text with the key that it stands under."""
    if isinstance(value, str):
        yield name, value
    elif isinstance(value, Mapping):
        for key, below in value.items():
            yield from _texts(below, str(key))
    elif isinstance(value, list | tuple):
        for below in value:
            yield from _texts(below, name)
