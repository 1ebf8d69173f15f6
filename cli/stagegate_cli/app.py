"""The command line: its commands in the order of its help, and how it ends."""

import sys

import typer

from stagegate_cli import codes, doing, looking, setting_up, verifying
from stagegate_cli.problems import Problem

app = typer.Typer(
    name="stagegate",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
COMMANDS = (
    looking.status,
    looking.access,
    looking.why,
    looking.history,
    looking.report,
    verifying.verify,
    doing.plan,
    doing.run,
    doing.sweep,
    doing.decide,
    setting_up.check,
    setting_up.doctor,
    setting_up.policy,
    setting_up.consumer_policy,
)
"""In the order of the help."""


@app.callback()
def _stagegate() -> None:
    """A model's access follows its card: look at what Stagegate has done, and let it do something.

    It speaks to the stack of Stagegate in the account of your AWS credentials: --profile, --region, AWS_PROFILE and
    AWS_CONFIG_FILE mean what they mean to the AWS CLI. `make sandbox` serves an organization to try it on.

    \b
    Exit codes:
      0  done, or nothing to do
      1  failed, or something is wrong
      2  wrong usage; nothing was called that changes anything
      3  it ended well, and something waits for a person
      4  another run does it
      5  `why` couldn't look: AWS refused, or there is no such stack
    """


for each in COMMANDS:
    app.command(each.__name__.replace("_", "-"))(each)


def main(arguments: list[str] | None = None) -> int:
    """Run a command, and return its exit code."""
    try:
        app(arguments, prog_name="stagegate")
    except Problem as problem:
        from stagegate_cli.screen import complain

        complain(problem.text)
        return problem.code
    except SystemExit as ended:
        if ended.code == codes.INTERRUPTED:
            sys.stderr.write("interrupted; what was started goes on\n")
        return ended.code if isinstance(ended.code, int) else codes.FAILED
    return codes.OK
