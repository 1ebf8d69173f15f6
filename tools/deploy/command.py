"""The command that is run: `sam deploy`, with every parameter by name. Pure."""

from collections.abc import Mapping


def sam_deploy(config: str, environment: str, region: str, values: Mapping[str, str]) -> list[str]:
    """Return the command. Nothing to deploy is a success: whoever repeats a deployment has lost nothing.

    Values stand in quotes, as sam reads them: they may be empty, or have blanks as `rate(12 hours)` has.
    """
    return [
        *("sam", "deploy", "--config-file", config, "--config-env", environment, "--region", region),
        "--no-fail-on-empty-changeset",
        "--parameter-overrides",
        *(f'{name}="{value}"' for name, value in values.items()),
    ]
