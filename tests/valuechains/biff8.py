"""The smallest Excel 97 workbook (.xls, BIFF8 in an OLE container) with text and numbers.

Nothing at hand writes that format any more, and the ministry's older yearbooks are in it.
Records: [MS-XLS] 2.4; container: [MS-CFB] 2.
"""

import struct

SECTOR, END, FREE, FAT = 512, 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD


def record(kind, data=b""):
    return struct.pack("<HH", kind, len(data)) + data


def string(text, size):
    return struct.pack(size, len(text)) + b"\x01" + text.encode("utf-16-le")


def cell(row, column, value):
    place = struct.pack("<HHH", row, column, 0)
    if isinstance(value, str):
        return record(0x0204, place + string(value, "<H"))  # LABEL
    return record(0x0203, place + struct.pack("<d", value))  # NUMBER


def begin(kind):
    return record(0x0809, struct.pack("<HHHHII", 0x0600, kind, 0x0DBB, 1996, 0, 6))


def sheets_as_xls(sheets):
    """Return the bytes of a workbook of ``{sheet name: {(row, column): text or number}}``."""
    bodies = [
        begin(0x0010) + b"".join(cell(*at, value) for at, value in sorted(cells.items()))
        + record(0x000A)
        for cells in sheets.values()
    ]  # fmt: skip
    names = [string(name, "<B") for name in sheets]
    offset = len(begin(5)) + sum(len(name) + 10 for name in names) + 4
    stream = begin(5)
    for name, body in zip(names, bodies, strict=True):
        stream += record(0x0085, struct.pack("<IH", offset, 0) + name)  # BOUNDSHEET
        offset += len(body)
    return container(stream + record(0x000A) + b"".join(bodies))


def container(stream):
    """Return an OLE file with one stream, ``Workbook``: allocation table, directory, stream."""
    size = max(len(stream), 4096)  # a shorter one would belong into the ministream
    count = -(-size // SECTOR)
    tables = -(-(count + 2) // 127)
    chain = [FAT] * tables + [END] + [tables + 2 + i for i in range(count - 1)] + [END]
    chain += [FREE] * (tables * 128 - len(chain))
    header = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16)
    header += struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
    header += struct.pack("<IIIIIIIII", 0, tables, tables, 0, 4096, END, 0, END, 0)
    header += struct.pack("<109I", *range(tables), *[FREE] * (109 - tables))
    directory = entry("Root Entry", 5, 1, END, 0) + entry("Workbook", 2, FREE, tables + 1, size)
    body = stream + bytes(count * SECTOR - len(stream))
    return header + struct.pack(f"<{len(chain)}I", *chain) + directory + bytes(256) + body


def entry(name, kind, child, start, size):
    text = name.encode("utf-16-le") + b"\0\0"
    links = struct.pack("<BBIII", kind, 1, FREE, FREE, child)
    return text.ljust(64, b"\0") + struct.pack("<H", len(text)) + links + bytes(36) + struct.pack(
        "<IQ", start, size
    )  # fmt: skip
