# Copyright (c) AULLM-MM contributors.
"""Where the page is served, and what it takes and keeps."""
from __future__ import annotations

import ipaddress
import math
from dataclasses import dataclass


@dataclass(frozen=True)
class WebSettings:
    """Address, limits and times of the page.

    Attributes:
        host: Address to listen at. Defaults to this computer alone.
        port: Port; 0 for any free one. Defaults to 8000.
        max_mb: Largest video in megabytes (10^6 bytes). Defaults to 500.
        max_minutes: Longest video in minutes. Defaults to 30.
        max_waiting: Videos that may wait for the one at work. Defaults to 3.
        keep_minutes: How long a result is kept. Defaults to 30.
        keep_results: How many results are kept, the newest. Defaults to 8.
        idle_seconds: A video is given up when its tab has not asked for so long.
            Browsers let a hidden tab ask once a minute. Defaults to 150.

    Raises:
        ValueError: If a number is out of its range.

    Examples:
        >>> WebSettings().max_bytes
        500000000
        >>> WebSettings(port=70000)
        Traceback (most recent call last):
        ...
        ValueError: port must be from 0 (any free one) to 65535, got 70000
    """

    host: str = '127.0.0.1'
    port: int = 8000
    max_mb: float = 500
    max_minutes: float = 30
    max_waiting: int = 3
    keep_minutes: float = 30
    keep_results: int = 8
    idle_seconds: float = 150

    def __post_init__(self) -> None:
        """Refuse what cannot be."""
        if not 0 <= self.port <= 65535:
            raise ValueError(
                f'port must be from 0 (any free one) to 65535, got {self.port}')
        for name in ('max_mb', 'max_minutes', 'keep_minutes', 'idle_seconds'):
            value = getattr(self, name)
            if not (math.isfinite(value) and value > 0):
                raise ValueError(f'{name} must be a number above 0, got {value}')
        for name, least in (('max_waiting', 0), ('keep_results', 1)):
            if getattr(self, name) < least:
                raise ValueError(
                    f'{name} must be at least {least}, got {getattr(self, name)}')

    @property
    def max_bytes(self) -> int:
        """Largest video in bytes."""
        return round(self.max_mb * 1e6)

    @property
    def is_local(self) -> bool:
        """Whether nobody but this computer can reach the page."""
        return is_loopback(self.host)


def is_loopback(host: str) -> bool:
    """Whether a host is this computer, as seen by itself alone.

    Args:
        host: Name or address, without port.

    Examples:
        >>> is_loopback('127.0.0.1'), is_loopback('::1'), is_loopback('0.0.0.0')
        (True, True, False)
    """
    return host == 'localhost' or (is_address(host)
                                   and ipaddress.ip_address(host).is_loopback)


def is_address(host: str) -> bool:
    """Whether a host is given by its number, not by a name.

    Args:
        host: Name or address, without port.

    Examples:
        >>> is_address('192.168.0.7'), is_address('evil.example')
        (True, False)
    """
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
