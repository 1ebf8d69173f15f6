"""Options that many commands have."""

from pathlib import Path
from typing import Annotated

import typer

Profile = Annotated[
    str | None,
    typer.Option(
        "--profile",
        metavar="NAME",
        help="The profile of the AWS configuration to use; AWS_PROFILE, or the default one, unless given.",
    ),
]
Region = Annotated[
    str | None,
    typer.Option(
        "--region",
        metavar="REGION",
        help="The Region of the stack; AWS_REGION, or the profile's, unless given.",
    ),
]
Prefix = Annotated[
    str,
    typer.Option(
        "--prefix",
        metavar="PREFIX",
        envvar="STAGEGATE_PREFIX",
        help="The stack's parameter Prefix.",
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object, and nothing else.")]
SubjectArgument = Annotated[
    str,
    typer.Argument(
        metavar="SUBJECT",
        show_default=False,
        help="An ARN, a name that is recorded once, or KIND/NAME, as model-card/NAME and model-package/GROUP/VERSION.",
    ),
]
RulesFile = Annotated[
    Path | None,
    typer.Option("--rules", metavar="FILE", help="A governance.toml to go by, in place of the deployed one."),
]
PREFIX = "stagegate"
"""The template's default."""
