"""What is about to be deployed, put together from what was built, samconfig.toml and the rules."""

from pathlib import Path

from stagegate.core.errors import SettingsError
from stagegate.core.partitions import partition_of
from stagegate.rules.load import load
from tools.deploy import parameters, samconfig
from tools.deploy.credentials import check_region
from tools.preflight import resolve
from tools.preflight.run import ROOT, Given, latest_release

BUILT = ROOT / ".aws-sam" / "build"


def prepared(
    built: Path,
    config: Path,
    environment: str,
    *,
    region: str,
    account: str,
    before: Path | None = None,
    examples: bool = False,
) -> Given:
    """Return what an environment of samconfig.toml deploys. Raises ValueError with what is wrong about it by itself.

    `before` has the templates of the release that it follows, the newest one unless given.
    """
    check_region(region)
    settings = built / "SettingsLayer" / "governance.toml"
    if not settings.exists():
        raise ValueError(f"{settings}: found nothing; run `make build SETTINGS=...` first: what was built is deployed")
    found = samconfig.read(config, environment)
    template = resolve.read(built / "template.yaml")
    resolved = parameters.resolve(template, found.parameters)
    if resolved.problems:
        raise ValueError("\n".join(resolved.problems))
    try:
        rules = load(settings, partition_of(region))
    except SettingsError as error:
        raise ValueError(str(error)) from None
    return Given(
        built=built,
        template=template,
        stack=found.stack,
        values=resolved.values,
        rules=rules,
        account=account,
        region=region,
        before=before or latest_release(),
        examples=examples,
    )
