# Copyright (c) AULLM-MM contributors.
"""What kind of video a file is, told by how it begins."""
from __future__ import annotations

#: Bytes from the beginning of a file that are enough to tell.
HEAD_BYTES = 600
_ATOMS = (b'ftyp', b'moov', b'mdat', b'wide', b'free', b'skip', b'pnot')
_STARTS = (
    (b'\x1aE\xdf\xa3', 'Matroska or WebM'), (b'FLV\x01', 'FLV'), (b'OggS', 'Ogg'),
    (b'\x30\x26\xb2\x75\x8e\x66\xcf\x11', 'WMV'), (b'\x00\x00\x01\xba', 'MPEG'),
    (b'\x00\x00\x01\xb3', 'MPEG'))
_TS_SYNC, _TS_PACKETS = 0x47, ((0, 188), (4, 192))
#: For people.
KINDS = 'MP4, MOV, AVI, MKV, WebM, MPEG, TS, WMV, FLV or Ogg'


def container_of(head: bytes) -> str | None:
    """Kind of a video file, or None where it is none that is taken.

    Only binary containers that hold their pictures themselves are taken. The decoders
    would open play lists too, which are text that names other files or addresses: a
    page that takes files from a browser must not follow these.

    Args:
        head: The first bytes, ``HEAD_BYTES`` where there are as many.

    Examples:
        >>> container_of(b'\\x00\\x00\\x00\\x18ftypmp42'), container_of(b'#EXTM3U')
        ('MP4 or MOV', None)
    """
    if head[4:8] in _ATOMS:
        return 'MP4 or MOV'
    if head[:4] == b'RIFF' and head[8:12] == b'AVI ':
        return 'AVI'
    for start, kind in _STARTS:
        if head.startswith(start):
            return kind
    for first, step in _TS_PACKETS:
        signs = head[first:first + 2 * step + 1:step]
        if len(signs) == 3 and set(signs) == {_TS_SYNC}:
            return 'MPEG transport stream'
    return None


def check_container(head: bytes, name: str) -> None:
    """Refuse what does not begin as a video does.

    Args:
        head: As for :func:`container_of`.
        name: Name of the file, for the message.

    Raises:
        ValueError: If it is no video that is taken.
    """
    if container_of(head) is None:
        raise ValueError(
            f'{name} is not a video: its content is none of {KINDS}. Check it with a '
            f'player, or convert it to MP4.')
