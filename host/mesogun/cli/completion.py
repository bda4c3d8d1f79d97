"""The shell completes what a person would have to look up: protocols, breakages, figures of a gun, numbers of sessions."""

import os
from contextlib import suppress

import click
from click.shell_completion import CompletionItem

from mesogun.clinical.library import names


def complete(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """Returns the library's names that fit, and folders and .toml files."""
    return [name for name in names() if name.startswith(incomplete)] + folders_and_protocols(ctx, param, incomplete)


def folders_and_protocols(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    folder, start = os.path.split(incomplete)
    files = []
    with suppress(OSError):
        for entry in sorted(os.listdir(folder or ".")):
            path = os.path.join(folder, entry)
            if entry.startswith(start) and (os.path.isdir(path) or entry.endswith(".toml")):
                files.append(path + "/" * os.path.isdir(path))
    return files


def figures(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Returns every figure of a gun's description that fits, as `config set` takes it."""
    from mesogun.gun.explanations import FIGURES

    return [CompletionItem(f"{name}=", help=said) for name, said in FIGURES.items() if name.startswith(incomplete)]


def sessions(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Returns the numbers of the newest sessions that fit: of the record that the line names so far, or this computer's."""
    from mesogun.records import Records
    from mesogun.records.places import database

    of_simulated = ctx.params["simulated"] if "simulated" in ctx.params else not ctx.params.get("port")
    with suppress(Exception), Records.look(ctx.params.get("db") or database(of_simulated)) as found:
        rows = [row for row in found.sessions() if str(row.id).startswith(incomplete)]
        return [CompletionItem(str(row.id), help=row.title) for row in rows]
    return []
