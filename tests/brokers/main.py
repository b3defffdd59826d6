# SPDX-License-Identifier: Apache-2.0
"""Runs the tests of one broker in the environment of the reference Python libraries.

    python3 tests/brokers/main.py BROKER [ARGUMENT...]

The arguments are those of unittest: -k FEATURE runs one feature. See tests/peers/main.py.
"""

import os
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
PEERS = HERE.parent / "peers"


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    python = Path(os.environ.get("WIREPAS_PEERS_PYTHON")
                  or HERE.parents[1] / "build" / "tools" / "peers" / "bin" / "python3")
    if not os.access(python, os.X_OK):
        sys.exit(f"there is no {python}; deploy/install-deps --tests makes it")
    os.environ.update(WIREPAS_BROKER=sys.argv[1], PYTHONPATH=str(PEERS))
    os.chdir(HERE)
    os.execv(python, [str(python), "-m", "unittest", "-v", "brokers_test", *sys.argv[2:]])


main()
