# SPDX-License-Identifier: Apache-2.0
"""Runs tests of this folder in the environment of the reference Python libraries.

    python3 tests/peers/main.py TEST_MODULE [ARGUMENT...]

That environment is what WIREPAS_PEERS_PYTHON names, an interpreter, else the one
that deploy/install-deps --tests makes.
"""

import os
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    python = Path(os.environ.get("WIREPAS_PEERS_PYTHON")
                  or HERE.parents[1] / "build" / "tools" / "peers" / "bin" / "python3")
    if not os.access(python, os.X_OK):
        sys.exit(f"there is no {python}; deploy/install-deps --tests makes it")
    os.chdir(HERE)
    os.execv(python, [str(python), "-m", "unittest", "-v", *sys.argv[1:]])


main()
