# Copyright (c) AULLM-MM contributors.
"""What a user is told when something does not work."""
from __future__ import annotations

import logging
from typing import Any, Mapping

from aullm_mm.utils.cli import error_message

from .jobs import Job

LOGGER = logging.getLogger('aullm_mm.webapp')


class Refused(Exception):
    """A request that is answered by one line and not carried out.

    Args:
        status: HTTP status.
        kind: Short word that scripts can tell it by.
        text: The line.

    Examples:
        >>> Refused(404, 'gone', 'This result is not kept any more.').plain()
        {'kind': 'gone', 'text': 'This result is not kept any more.'}
    """

    def __init__(self, status: int, kind: str, text: str) -> None:
        super().__init__(text)
        self.status, self.kind, self.text = status, kind, text

    def plain(self) -> dict[str, Any]:
        """Kind and text."""
        return dict(kind=self.kind, text=self.text)


def explain_fault(fault: Exception, job: Job) -> Mapping[str, str]:
    """Say what stopped a job; what was not the video's fault goes to the log too.

    A plain ``ValueError`` is about the input and has a message for its user. Its
    subclasses, such as those of a decoder of text or of linear algebra, are faults of
    the program, and an ``OSError`` is one of this computer.

    Args:
        fault: The error.
        job: Whose it is.

    Examples:
        >>> from pathlib import Path
        >>> from .jobs import JobOptions
        >>> job = Job('a.mp4', 1, JobOptions(), Path('/tmp/x'))
        >>> explain_fault(ValueError('/tmp/x is empty'), job)
        {'kind': 'input', 'text': 'a.mp4 is empty'}
    """
    if type(fault) is ValueError:
        text = error_message(fault).replace(str(job.path), job.name)
        return dict(kind='input', text=text)
    LOGGER.error('A video could not be finished.', exc_info=fault)
    return internal_fault(fault)


def internal_fault(fault: Exception) -> Mapping[str, str]:
    """Say that the program or the computer failed, without details of the inside.

    Args:
        fault: The error.

    Examples:
        >>> internal_fault(OSError(28, 'No space left on device'))['kind']
        'computer'
    """
    if isinstance(fault, OSError):
        return dict(kind='computer', text=(
            f'This computer could not go on ({fault.strerror or "no reason given"}). '
            f'That says nothing about the video.'))
    return dict(kind='internal', text=(
        f'The program failed ({type(fault).__name__}). That says nothing about the '
        f'video; the console in which the program runs has the details.'))
