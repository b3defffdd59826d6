# SPDX-License-Identifier: Apache-2.0
"""What all examples share: where the service is, and how a failure is told."""

import argparse
import sys
from collections.abc import Callable

from wirepas_grpc import WirepasError


def parser(description: str | None) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument(
        "--target", default="127.0.0.1:50051", help="the service (default: %(default)s)"
    )
    return parser


def run(main: Callable[[], int | None]) -> None:
    try:
        sys.exit(main())
    except WirepasError as error:
        # Code and message, and the gateway, sink and result if there are any.
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit(130)
