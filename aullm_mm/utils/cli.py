# Copyright (c) AULLM-MM contributors.
"""How the command line tools of this package end."""
from __future__ import annotations

import os
import sys
from typing import Callable, NoReturn

#: Exit code after an error that the user can mend.
USER_ERROR = 2
#: Set this environment variable to any text to see where an error came from.
TRACEBACK_VARIABLE = 'AULLM_MM_TRACEBACK'


def run_cli(main: Callable[[], int | None]) -> NoReturn:
    """Run the main function of a tool and leave the process.

    Errors that the user can mend, ``ValueError`` and ``FileNotFoundError``, become one
    line on standard error and exit code 2. Everything else keeps its traceback.

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
    except (ValueError, FileNotFoundError) as error:
        if os.environ.get(TRACEBACK_VARIABLE):
            raise
        print(f'error: {" ".join(str(error).split())}', file=sys.stderr)
        code = USER_ERROR
    sys.exit(code or 0)
