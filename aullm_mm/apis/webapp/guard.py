# Copyright (c) AULLM-MM contributors.
"""Who may ask, and what an answer allows the browser to do with it."""
from __future__ import annotations

import hmac
import socket
from typing import Mapping

from aullm_mm.visualization.page.embed import CONTENT_POLICY

from .faults import Refused
from .settings import WebSettings, is_address, is_loopback

TOKEN_HEADER = 'X-AULLM-Token'
#: For the page itself: its own style and script, and reports in a frame.
PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; "
    "img-src 'self' data:; frame-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'")
#: For a report: as when it is opened from a file, of no origin, framed by our page.
REPORT_POLICY = (
    f"{CONTENT_POLICY}; sandbox allow-scripts allow-downloads; frame-ancestors 'self'")
_FOR_ALL = {
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'no-referrer',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Permissions-Policy': 'camera=(), microphone=(), geolocation=()',
}


def answer_headers(is_report: bool) -> Mapping[str, str]:
    """Headers of an answer.

    Args:
        is_report: Whether it is a report, which the page shows in a frame.

    Examples:
        >>> answer_headers(False)['X-Frame-Options']
        'DENY'
    """
    return {
        **_FOR_ALL,
        'Content-Security-Policy': REPORT_POLICY if is_report else PAGE_POLICY,
        'X-Frame-Options': 'SAMEORIGIN' if is_report else 'DENY'}


def check_host(header: str | None, settings: WebSettings) -> None:
    """Refuse requests that name another host than the one that is served.

    A web page elsewhere can make its own name point to this computer; the browser then
    takes our answers for that page's. Its name is in the header. The port does not
    matter and may be another one, through a tunnel.

    Args:
        header: ``Host`` of the request.
        settings: Where the page is served.

    Raises:
        Refused: If it is another host.

    Examples:
        >>> check_host('127.0.0.1:8000', WebSettings())
        >>> check_host('evil.example', WebSettings())
        Traceback (most recent call last):
        ...
        aullm_mm.apis.webapp.faults.Refused: This program does not serve that host ...
    """
    host = host_name(header or '')
    known = host == settings.host.lower() or is_loopback(host)
    if not settings.is_local:
        # A number cannot be made to point elsewhere, and the computer's own name is
        # its owner's.
        known |= is_address(host) or host == socket.gethostname().lower()
    if not known:
        raise Refused(403, 'host', (
            'This program does not serve that host name: open the address that it '
            'printed.'))


def host_name(header: str) -> str:
    """Name or address in a ``Host`` header, without port, in small letters.

    Args:
        header: The header.

    Examples:
        >>> host_name('LocalHost:80'), host_name('[::1]:80'), host_name('::1')
        ('localhost', '::1', '')
    """
    if header.startswith('['):
        return header[1:].partition(']')[0].lower()
    name, _, port = header.partition(':')
    return '' if ':' in port else name.lower()


def check_same_page(headers: Mapping[str, str], token: str) -> None:
    """Refuse what was not sent by our own page, before it changes anything.

    Args:
        headers: Headers of the request.
        token: The secret that our page has.

    Raises:
        Refused: If the origin is another one or the token is missing.

    Examples:
        >>> check_same_page({
        ...     'Host': 'localhost:80', 'Origin': 'http://localhost:80',
        ...     TOKEN_HEADER: 'secret'}, 'secret')
    """
    # Behind a proxy that encrypts, the origin is https.
    origins = {f'{scheme}://{headers.get("Host")}' for scheme in ('http', 'https')}
    given = headers.get(TOKEN_HEADER, '').encode('utf-8', 'replace')
    if headers.get('Origin') not in origins or not hmac.compare_digest(
            given, token.encode()):
        raise Refused(403, 'page', (
            'Only the page of this program may do that; it was started anew perhaps: '
            'load the page again.'))
