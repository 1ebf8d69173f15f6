"""AWS's descriptions of its services, which take longest of all to read: once for all sessions of a function."""

import gzip
import json
from functools import cache
from typing import Any

from botocore.loaders import JSONFileLoader, Loader


@cache
def loader() -> Loader:
    """Return the one loader (botocore's component `data_loader`). It keeps what it has read."""
    return _Loader(file_loader=_Files())


class _Files(JSONFileLoader):
    """Reads files into plain dicts, in half the time. botocore's own makes ordered ones, as older Pythons needed."""

    def load_file(self, file_path: str) -> Any:
        """Return what the file says, whose path comes without its ending; None if there is none."""
        for path, opened in ((f"{file_path}.json", open), (f"{file_path}.json.gz", gzip.open)):
            try:
                with opened(path, "rb") as file:
                    return json.loads(file.read())
            except FileNotFoundError:
                continue
        return None


class _Loader(Loader):
    @property
    def search_paths(self) -> list[str]:
        """A copy: each boto3 session adds its folder of resources once more, and nobody here uses those."""
        return [*super().search_paths]
