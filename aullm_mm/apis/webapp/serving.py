# Copyright (c) AULLM-MM contributors.
"""The page on an address of this computer, until it is stopped (waitress)."""
from __future__ import annotations

import signal
import socket
import sys
import webbrowser
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any, Callable, Iterator

from aullm_mm.apis.inferencer import AUInferencer

from .analysis import Analyst
from .desk import PIECE_BYTES, Desk
from .private import PrivateFolder
from .settings import WebSettings

PACKAGES = ('flask', 'waitress')
#: Signals that end a program and would otherwise leave the videos behind.
_ENDING = ('SIGTERM', 'SIGHUP')
# An answer and a piece of a video stay in memory: waitress would put what is larger
# into a temporary file.
_IN_MEMORY = 256 * 2**20


def run_webapp(
    make_inferencer: Callable[[], AUInferencer], settings: WebSettings | None = None,
    show: bool = False
) -> None:
    """Serve the page until the process is told to end.

    Args:
        make_inferencer: Loads the model, once.
        settings: Address, limits and times. Defaults to the defaults.
        show: Whether a browser is opened. Defaults to False.

    Raises:
        ImportError: If a package is missing.
        OSError: If the address cannot be listened at.
    """
    check_packages()
    settings = settings or WebSettings()
    with listening(settings) as listener, PrivateFolder() as folder, ending_signals():
        analyst = Analyst(make_inferencer(), settings.max_minutes)
        desk = Desk(analyst, folder, settings)
        try:
            server, address = make_server(desk, analyst.facts, listener)
            announce(address, settings)
            if show:
                webbrowser.open(address)
            server.run()
        finally:
            desk.close()


def check_packages() -> None:
    """Raise if what serves the page is not installed.

    Raises:
        ImportError: Naming what to install.

    Examples:
        >>> check_packages()
    """
    missing = [name for name in PACKAGES if find_spec(name) is None]
    if missing:
        raise ImportError(
            f'the page needs {" and ".join(missing)}, not installed here: '
            f'pip install {" ".join(missing)}')


@contextmanager
def listening(settings: WebSettings) -> Iterator[socket.socket]:
    """Take the address, before anything is loaded.

    Args:
        settings: The address.

    Yields:
        The socket.

    Raises:
        OSError: If it cannot be listened at.

    Examples:
        >>> with listening(WebSettings(port=0)) as listener:
        ...     listener.getsockname()[0]
        '127.0.0.1'
    """
    host, port = settings.host, settings.port
    try:
        family, *_, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.create_server(address[:2], family=family)
    except OSError as error:
        raise OSError(
            f'{host} port {port} cannot be listened at ({error.strerror}): name '
            f'another --host or --port, or --port 0 for any free one') from error
    with listener:
        yield listener


@contextmanager
def ending_signals() -> Iterator[None]:
    """Let signals that end the process end it in order, so that videos are removed."""
    def end(number: int, frame: Any) -> None:
        raise SystemExit(128 + number)

    numbers = [getattr(signal, name) for name in _ENDING if hasattr(signal, name)]
    before = {number: signal.signal(number, end) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def make_server(
    desk: Desk, model: dict[str, Any], listener: socket.socket
) -> tuple[Any, str]:
    """The server of the page, not yet running.

    Args:
        desk: Takes the videos.
        model: What a result says of the model.
        listener: Socket of the address.

    Returns:
        A server of waitress, and its address as browsers write it.
    """
    import waitress

    from .app import create_app
    # A little too large is told by the application, far too large cut off here.
    server = waitress.create_server(
        create_app(desk, model), sockets=[listener], threads=6, ident=None,
        max_request_body_size=2 * PIECE_BYTES, inbuf_overflow=_IN_MEMORY,
        outbuf_overflow=_IN_MEMORY)
    return server, address_of(*listener.getsockname()[:2])


def address_of(host: str, port: int) -> str:
    """Address of the page as the browser of this computer writes it.

    Args:
        host: Numeric address that is listened at.
        port: Port.

    Examples:
        >>> address_of('0.0.0.0', 8000), address_of('::1', 80)
        ('http://127.0.0.1:8000/', 'http://[::1]:80/')
    """
    host = {'0.0.0.0': '127.0.0.1', '::': '::1'}.get(host, host)
    return f'http://{f"[{host}]" if ":" in host else host}:{port}/'


def announce(address: str, settings: WebSettings) -> None:
    """Print where the page is, and who can reach it.

    Args:
        address: As browsers write it.
        settings: Where it is served.

    Examples:
        >>> announce('http://127.0.0.1:8000/', WebSettings())
        Open http://127.0.0.1:8000/ in a browser; Ctrl-C ends it.
        Videos stay on this computer and are deleted after use.
    """
    print(f'Open {address} in a browser; Ctrl-C ends it.', flush=True)
    print('Videos stay on this computer and are deleted after use.', flush=True)
    if not settings.is_local:
        print(
            f'warning: {settings.host} can be reached from other computers, and there '
            f'is no login and no encryption. Faces are personal data: leave --host '
            f'out unless you know who is on this network.', file=sys.stderr, flush=True)
