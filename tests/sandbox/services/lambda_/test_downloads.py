"""A layer's archive is fetched from the address that GetLayerVersion gives, and from no other."""

import io
import urllib.error
import urllib.request
import zipfile
from collections.abc import Iterator

import pytest

from sandbox.stagegate.organization import Organization
from tests.support.fixtures import SHIPPED


@pytest.fixture(scope="module")
def organization() -> Iterator[Organization]:
    with Organization.start(SHIPPED) as opened:
        yield opened


def location(organization: Organization) -> str:
    found = organization.client("lambda", "governance").get_layer_version(
        LayerName="stagegate-settings", VersionNumber=1
    )
    return str(found["Content"]["Location"])


def test_the_archive_has_what_was_deployed(organization: Organization) -> None:
    with urllib.request.urlopen(location(organization)) as answer:  # noqa: S310 - the loopback's
        found = zipfile.ZipFile(io.BytesIO(answer.read())).read("governance.toml")
    assert found == SHIPPED.read_bytes()


@pytest.mark.parametrize(
    "address", ["{0}x", "{1}/sandbox/layers/other?{2}", "{1}/sandbox/layers/a:b:c:us-east-1:111122223333:layer:x:1?{2}"]
)
def test_no_other_address_has_any(organization: Organization, address: str) -> None:
    whole = location(organization)
    wrong = address.format(whole, organization.endpoint_url, whole.rpartition("?")[2])
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(wrong)  # noqa: S310 - the loopback's
