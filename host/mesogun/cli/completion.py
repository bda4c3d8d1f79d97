"""The shell completes a protocol after a command that takes one."""

import os
from contextlib import suppress

import click

from mesogun.clinical.library import names


def complete(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """Returns the library's names that fit, and folders and .toml files."""
    folder, start = os.path.split(incomplete)
    files = []
    with suppress(OSError):
        for entry in sorted(os.listdir(folder or ".")):
            path = os.path.join(folder, entry)
            if entry.startswith(start) and (os.path.isdir(path) or entry.endswith(".toml")):
                files.append(path + "/" * os.path.isdir(path))
    return [name for name in names() if name.startswith(incomplete)] + files
