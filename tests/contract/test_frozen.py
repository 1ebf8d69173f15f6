"""What a release must not touch in a template, because something else writes it once it is deployed."""

import hashlib
import json
from pathlib import Path
from typing import Any

from samtranslator.yaml_helper import yaml_parse

ROOT = Path(__file__).parents[2]
FROZEN = "0890580f41445cf795284d242265166fc411ee68b46716819b4f60989852a2be"


def digest(resource: Any) -> str:
    return hashlib.sha256(json.dumps(resource, sort_keys=True).encode()).hexdigest()


def fence(text: str) -> Any:
    return yaml_parse(text)["Resources"]["Fence"]


def test_the_members_fence_is_as_it_always_was() -> None:
    """CloudFormation compares a template with the one before, and never looks at what stands: as long as this resource
    doesn't change, an update leaves the versions alone that Stagegate has written. With any change it writes this open
    document as a new version, and every fenced role may write cards until a run raises the fence again.

    If it has to change: give the new one another logical id and another name, and let the functions know both.
    """
    assert digest(fence((ROOT / "member-template.yaml").read_text())) == FROZEN


def test_it_is_the_same_in_every_release() -> None:
    releases = list((ROOT / "tests" / "releases").glob("*/member-template.yaml"))
    assert releases
    for release in releases:
        assert digest(fence(release.read_text())) == FROZEN


def test_a_change_of_its_document_or_its_name_is_found() -> None:
    text = (ROOT / "member-template.yaml").read_text()
    for old, new in (("Sid: StagegateBoundary", "Sid: Boundary"), ("${Prefix}-read-only-cards", "${Prefix}-cards")):
        assert old in text
        assert digest(fence(text.replace(old, new))) != FROZEN
