"""The command line shows and asks, it decides nothing. `main` is its entry point.

Of other people's packages only click is imported at the start; a command imports what it needs, so that `--help` is there
at once.
"""

import click

from mesogun.cli.check import check
from mesogun.cli.decode import decode
from mesogun.cli.device import device
from mesogun.cli.explain import explain
from mesogun.cli.flash import flash
from mesogun.cli.new import new
from mesogun.cli.ports import ports
from mesogun.cli.records import records
from mesogun.cli.run import run
from mesogun.cli.schema import schema
from mesogun.cli.sim import sim
from mesogun.cli.terminal.faces import Faces, to_the_end
from mesogun.version import __version__

EPILOG = """
\b
Exit codes:
  0    complete
  1    not complete: ended at a question, refused by the gun when something was given, or an error inside mesogun
  2    refused: bad input or a limit; nothing was given to anybody
  3    the link to the gun was lost
  4    the gun stopped by itself: a fault or the emergency stop
  5    the record could not be written
  6    complete, but a picture, a trace, a wire log or output that was asked for could not be written
  130  stopped by Ctrl-C (143: SIGTERM, 129: the terminal was shut): needle home, record complete

\b
MESOGUN_PORT names the gun where no --port does; `mesogun ports` lists what is plugged in.
Records live in the folder MESOGUN_HOME, by default where this system keeps a program's data.

\b
Completion of commands, options and the library's names (bash; also zsh_source, fish_source):
  eval "$(_MESOGUN_COMPLETE=bash_source mesogun)"

Not a cleared medical device.
"""


@click.group(cls=Faces, epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="mesogun")
def mesogun() -> None:
    """Checks protocols of an injection gun, gives them shot by shot, and keeps the record.

    `run` takes a simulated gun unless you name another with --port. Start with: mesogun run face/mesolift
    """


for command in (new, check, explain, run, sim, records, ports, device, decode, flash, schema):
    mesogun.add_command(command)


def main() -> None:
    to_the_end(mesogun, "mesogun")
