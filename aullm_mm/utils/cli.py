# Copyright (c) AULLM-MM contributors.
"""How the command line tools of this package end."""
from __future__ import annotations

import os
import re
import sys
from typing import Callable, NoReturn

#: Exit code after an error that the user can mend.
USER_ERROR = 2
#: Exit code where a package is missing or broken.
ENVIRONMENT_ERROR = 1
#: Set this environment variable to any text to see where an error came from.
TRACEBACK_VARIABLE = 'AULLM_MM_TRACEBACK'
_IN_WORKER = re.compile(r'Caught (\w+) in DataLoader worker process')


def error_message(error: BaseException) -> str:
    """Text of an error in one line, without the traceback of a data loader's worker.

    PyTorch puts the whole traceback of a worker into the message of the error that it
    raises in the main process; what the user needs is its last lines.

    Args:
        error: The error.

    Examples:
        >>> caught = 'Caught ValueError in DataLoader worker process 0.\\nOriginal '
        >>> caught += 'Traceback ...\\n  File ...\\nValueError: Clip a is short.\\n'
        >>> error_message(ValueError(caught))
        'Clip a is short.'
    """
    text = str(error)
    caught = _IN_WORKER.match(text)
    if caught:
        ends = re.split(rf'^(?:\w+\.)*{caught[1]}: ', text, flags=re.MULTILINE)
        text = ends[-1]
    return ' '.join(text.split())


def run_cli(main: Callable[[], int | None]) -> NoReturn:
    """Run the main function of a tool and leave the process.

    Errors that the user can mend become one line on standard error: ``ValueError`` and
    ``OSError`` (a missing file, a full disk) with exit code 2, ``ImportError`` (a
    missing package) with exit code 1. Everything else keeps its traceback.

    Args:
        main: Function without arguments; it returns the exit code, or None for 0.

    Raises:
        SystemExit: Always, with the exit code.

    Examples:
        >>> run_cli(lambda: 0)
        Traceback (most recent call last):
        ...
        SystemExit: 0
    """
    try:
        code = main()
    except (ValueError, OSError, ImportError) as error:
        if os.environ.get(TRACEBACK_VARIABLE):
            raise
        print(f'error: {error_message(error)}', file=sys.stderr)
        code = ENVIRONMENT_ERROR if isinstance(error, ImportError) else USER_ERROR
    sys.exit(code or 0)
