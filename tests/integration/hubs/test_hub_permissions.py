"""Every statement that private hubs need is needed: without it a hub isn't made, kept, shared or torn down."""

from collections.abc import Iterator

import pytest

from sandbox.kernel.delays import Delays
from tests.integration.hubs.hub_environment import ALLOWED, HUB, RULES, HubEnvironment, hub_environment
from tests.support.fixtures import without

ABSENT = f'{RULES}\nstate = "absent"\n'
STATEMENTS = [
    ("stagegate-apply-hub", "AskForClaim"),
    ("stagegate-apply-hub", "ChangeHubs"),
    ("stagegate-apply-hub", "MakeHubs"),
    ("stagegate-apply-hub", "ReadContents"),
    ("stagegate-apply-hub", "ReadHubs"),
    ("stagegate-apply-hub", "WriteContents"),
    ("stagegate-apply-share", "ShareHubs"),
    ("stagegate-plan", "FindHubPermissions"),
    ("stagegate-plan", "KeepCatalogue"),
    ("stagegate-plan", "ReadHubs"),
    ("stagegate-plan", "ReadPublicHub"),
    ("stagegate-verify", "ReadHubs"),
]


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HubEnvironment]:
    delays = Delays(cloudtrail=0.05, ram_association=0.01, hub=0.01)
    with hub_environment(tmp_path_factory.mktemp("settings"), delays) as opened:
        yield opened


@pytest.fixture(autouse=True)
def torn_down(environment: HubEnvironment) -> Iterator[None]:
    yield
    environment.rules(ABSENT)
    assert environment.sync().status == "SUCCEEDED"
    assert environment.holds() is None


def goes_wrong(environment: HubEnvironment) -> bool:
    """Make, share and tear down a hub into which somebody has put something; tell whether any of it fails."""
    environment.rules()
    if environment.sync().status != "SUCCEEDED" or environment.holds("dev") != ALLOWED:
        return True
    own = {"HubName": HUB, "HubContentType": "Model", "HubContentName": "our-own"}
    environment.admin("sagemaker").import_hub_content(**own, DocumentSchemaVersion="2.3.0", HubContentDocument="{}")
    environment.rules(ABSENT)
    return environment.sync().status != "SUCCEEDED" or environment.holds() is not None


def test_with_every_statement_nothing_goes_wrong(environment: HubEnvironment) -> None:
    assert not goes_wrong(environment)


@pytest.mark.parametrize(("role", "sid"), STATEMENTS)
def test_a_missing_statement_is_noticed(environment: HubEnvironment, role: str, sid: str) -> None:
    with without(environment, (role, sid)):
        assert goes_wrong(environment)
