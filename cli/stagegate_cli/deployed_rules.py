"""The rules as they are deployed: governance.toml out of the layer that the function `plan` has now."""

import io
import tempfile
import urllib.error
import urllib.request
import zipfile
from pathlib import Path

from stagegate.core.errors import SettingsError
from stagegate.rules.load import load
from stagegate.rules.model import Rules
from stagegate_cli import codes
from stagegate_cli.connection import Connection, calling, no_stack
from stagegate_cli.problems import Problem

FILE = "governance.toml"
MOST_BYTES = 20_000_000
"""Of an archive: the file may have some thousand accounts and is still far smaller."""
_TIMEOUT_S = 20


def rules(connection: Connection, file: Path | None = None) -> Rules:
    """Return the rules of a file, or without one the deployed ones. Raises Problem."""
    if file is not None:
        return _loaded(file, connection, f"{file}: ")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / FILE
        path.write_bytes(_file(_archive(connection)))
        return _loaded(path, connection, "the deployed rules can't be read by this release: ")


def _loaded(path: Path, connection: Connection, what: str) -> Rules:
    try:
        return load(path, connection.partition)
    except SettingsError as error:
        raise Problem(f"{what}{error}", codes.USAGE) from None


def _archive(connection: Connection) -> bytes:
    """Return the archive of the layer with the settings."""
    client = connection.client("lambda")
    with calling("read the deployed rules", no_stack(connection)):
        function = client.get_function_configuration(FunctionName=f"{connection.prefix}-plan")
        name = f":layer:{connection.prefix}-settings:"
        arn = next((each["Arn"] for each in function.get("Layers", ()) if name in each["Arn"]), None)
        if arn is None:
            raise Problem(
                f"read the deployed rules: {connection.prefix}-plan has no layer {connection.prefix}-settings"
            )
        *_, layer, version = arn.split(":")
        found = client.get_layer_version(LayerName=layer, VersionNumber=int(version))
    address = found["Content"]["Location"]
    if not address.startswith(("https://", "http://127.0.0.1:")):
        raise Problem(f"read the deployed rules: AWS says that they are at {address!r}; give them as --rules FILE")
    try:
        with urllib.request.urlopen(address, timeout=_TIMEOUT_S) as answer:  # noqa: S310 - https, or the sandbox's
            return bytes(answer.read(MOST_BYTES))
    except (OSError, urllib.error.URLError) as error:
        raise Problem(f"read the deployed rules: {error}; give them as --rules FILE") from error


def _file(archive: bytes) -> bytes:
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as found:
            return found.read(FILE)
    except (zipfile.BadZipFile, KeyError) as error:
        raise Problem(f"read the deployed rules: {error}; give them as --rules FILE") from error
