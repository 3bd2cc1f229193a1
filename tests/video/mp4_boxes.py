# Copyright (c) AULLM-MM contributors.
"""Changes to an mp4 file that OpenCV cannot write: uneven times, a turned picture."""
import struct

PARENTS = (b'moov', b'trak', b'mdia', b'minf', b'stbl')


def set_durations(data: bytes, ticks: list[int]) -> bytes:
    """The file with another duration, in ticks of its clock, for every frame."""
    start, size = find_box(data, b'stts')
    body = struct.pack('>II', 0, len(ticks))
    body += b''.join(struct.pack('>II', 1, tick) for tick in ticks)
    box = struct.pack('>I4s', 8 + len(body), b'stts') + body
    grown = bytearray(data[:start] + box + data[start + size:])
    for name in PARENTS:  # all of them begin before the box that grew
        place, old = find_box(data, name)
        struct.pack_into('>I', grown, place, old + len(box) - size)
    return bytes(grown)


def turn_right(data: bytes) -> bytes:
    """The file with a display matrix that turns the picture by 90 degrees."""
    start, size = find_box(data, b'tkhd')
    one = 1 << 16
    changed = bytearray(data)
    struct.pack_into('>9i', changed, start + size - 8 - 36,
                     0, one, 0, -one, 0, 0, 0, 0, 1 << 30)
    return bytes(changed)


def find_box(data: bytes, name: bytes) -> tuple[int, int]:
    """Start and size of the only box of a name."""
    assert data.count(name) == 1, name
    start = data.index(name) - 4
    return start, struct.unpack_from('>I', data, start)[0]
