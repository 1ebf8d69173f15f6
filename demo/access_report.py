"""The report of who can use what, as the function that makes it in the governance account has written it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.stagegate.organization import Organization

FUNCTION = "stagegate-report"
PAGE = "report.html"


def save(organization: Organization, folder: Path) -> Path:
    """Have a report made, put its files into a folder, and return where the page is. Raises ValueError with the error
    of the function.
    """
    answer = organization.admin("lambda", "governance").invoke(FunctionName=FUNCTION, Payload=b"{}")
    said = json.loads(answer["Payload"].read())
    if "FunctionError" in answer:
        raise ValueError(f"{FUNCTION}: {said.get('errorType')}: {said.get('errorMessage')}")
    s3 = organization.admin("s3", "governance")
    folder.mkdir(parents=True, exist_ok=True)
    for key in said["files"]:
        (folder / key).write_bytes(s3.get_object(Bucket=said["bucket"], Key=key)["Body"].read())
    return folder / PAGE
