"""The command line; one module a room, one function a command.

Tables go to standard output, progress and warnings to standard error. A mistake of the
user ends with one sentence and exit code 1, one in the options as well: code 2, which
click would give it, is the alarm of ``monitor``, and a typing error is no alarm. A pipe
that nobody reads any more changes neither.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Sequence
from typing import Any

import click

from infostat import __version__
from infostat.cli.causal import bounds
from infostat.cli.exports import export
from infostat.cli.fairness import frontier
from infostat.cli.pipes import quiet_pipes
from infostat.cli.report import report
from infostat.cli.samplesize import samplesize
from infostat.cli.sampling import select
from infostat.cli.scorecards import demo, fit, score, summary
from infostat.cli.stability import monitor
from infostat.exceptions import InfostatError, InfostatWarning

__all__ = ["commands", "main"]

LONGEST = 800
"""Characters of a message; names and cells of a foreign file may be of any length."""


@click.group()
@click.version_option(__version__, prog_name="infostat")
def commands() -> None:
    """Scorecards with honest error bars."""


for command in (
    bounds,
    demo,
    export,
    fit,
    frontier,
    monitor,
    report,
    samplesize,
    score,
    select,
    summary,
):
    commands.add_command(command)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; the entry point of the ``infostat`` command.

    Parameters
    ----------
    arguments : sequence of str, optional
        Arguments; those of the process by default.
    """
    with quiet_pipes(), warnings.catch_warnings():
        warnings.showwarning = _show_warning
        _run(arguments)


def _run(arguments: Sequence[str] | None) -> None:
    """Run a command; turn what goes wrong into one sentence and an exit code."""
    try:
        commands.main(args=arguments, prog_name="infostat", standalone_mode=False)
    except InfostatError as error:
        _stop(str(error))
    except ValueError as error:
        from infostat._sklearn import InvalidParameterError

        if not isinstance(error, InvalidParameterError):
            raise
        _stop(str(error))
    except OSError as error:
        _stop(f"{error.strerror or error}: {error.filename}")
    except click.ClickException as error:
        _stop(error.format_message())
    except (click.Abort, KeyboardInterrupt):
        _stop("interrupted, nothing half-written was left.", 130)


def _stop(sentence: str, code: int = 1) -> None:
    line = " ".join(sentence.split())
    if len(line) > LONGEST:
        line = f"{line[:LONGEST]}..."
    click.echo(f"infostat: {line}", err=True)
    sys.exit(code)


def _show_warning(
    message: Warning | str, category: type[Warning], *details: Any, **more: Any
) -> None:
    """Show our own warnings as one line; those of libraries are not the user's."""
    del details, more
    if issubclass(category, InfostatWarning):
        click.echo(f"mind: {message}", err=True)
