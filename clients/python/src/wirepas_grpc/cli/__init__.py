# SPDX-License-Identifier: Apache-2.0
"""The command `wirepas`."""

import sys


def main() -> None:
    try:
        from .commands import app
    except ModuleNotFoundError as error:
        if error.name not in ("typer", "rich"):
            raise
        sys.exit("wirepas: the command line needs more: pip install 'wirepas-grpc[cli]'")
    from .session import run

    run(app)
