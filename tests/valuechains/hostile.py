"""What happens to a reader when its file is not what it should be.

A mutation of a good file must be harmless (the same rows), reported (a repair, a rejection or a
row passed over says so) or refused (one line that names the file): never a different number in
silence. Each reader's test lists its mutations with the verdict it expects.
"""

import pytest

from valuechains.core.errors import DataError


def verdict(read, path, good):
    """Return ``harmless``, ``reported`` or ``refused``, or fail with what differs.

    Parameters
    ----------
    read : callable
        Path → RawTable.
    good : RawTable
        What the same reader makes of the file before the mutation.
    """
    try:
        found = read(path)
    except DataError as refusal:
        text = str(refusal)
        assert path.name in text, f"names no file: {text}"
        assert "\n" not in text and len(text) < 600, f"not one line: {text}"
        return "refused"
    notes, before = (
        (table.repairs, list(table.rejected.values()), table.unused) for table in (found, good)
    )
    if found.frame.reset_index(drop=True).equals(good.frame.reset_index(drop=True)):
        return "harmless" if notes == before else "reported"
    assert notes != before, f"differs in silence:\n{found.frame.compare(good.frame)}"
    return "reported"


def slips(read, save, good, mutations):
    """Return a test of a reader: each mutation of a good file has the verdict that is expected.

    `save` writes what `good` returns, or what a mutation makes of it, to a path, and returns where
    it wrote; a mutation that returns nothing has changed what it was given.
    """
    known = []

    @pytest.mark.parametrize("name", mutations)
    def test(tmp_path, name):
        change, expected = mutations[name]
        known[:] = known or [read(save(tmp_path / "good", good()))]
        whole = good()
        bad = change(whole)
        path = save(tmp_path / "bad", whole if bad is None else bad)
        assert verdict(read, path, known[0]) == expected

    return test


def each(put, expected, cells):
    """Return mutations of one cell: place → the values that get this verdict there."""
    return {
        f"{place}: {value!r}": (put(*place, value), expected)
        for place, values in cells.items()
        for value in values
    }


def binary(path, data):
    path.write_bytes(data)
    return path


# Signs of all kinds, some wider than a byte: a table of all of Unicode takes Hypothesis seconds.
SIGNS = "aZñÁßİ0179²½٣中😀 \u00a0\u2028\ufeff.,;:'\"()[]%/\\+-−–=@#*_"
WEB_PAGE = b"<html><body><table><tr><td>Nacional</td><td>1</td></tr></table></body></html>"
LOCKED = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + "EncryptedPackage".encode("utf-16-le")

# The bytes of a file → other bytes; the verdicts are the same for every workbook, and for text.
WORKBOOK_FILES = {
    "empty": (lambda data: b"", "refused"),
    "zeros": (lambda data: bytes(len(data)), "refused"),
    "web page": (lambda data: WEB_PAGE, "refused"),
    "locked": (lambda data: LOCKED, "refused"),
    "half": (lambda data: data[: len(data) // 2], "refused"),
    "without its end": (lambda data: data[:-40], "refused"),
    "text": (lambda data: b"Nacional,1\n", "refused"),
}
TEXT_FILES = {
    "empty": (lambda data: b"", "refused"),
    "zeros": (lambda data: bytes(len(data)), "refused"),
    "web page": (lambda data: WEB_PAGE, "refused"),
    "zero bytes inside": (lambda data: data[:200] + bytes(3) + data[200:], "refused"),
    "cut in a row": (lambda data: data[: data.rstrip().rfind(b",") - 1], "refused"),
    "Windows line ends": (lambda data: data.replace(b"\n", b"\r\n"), "harmless"),
    "with a mark": (lambda data: b"\xef\xbb\xbf" + data.removeprefix(b"\xef\xbb\xbf"), "harmless"),
    "no last line end": (lambda data: data.rstrip(b"\r\n"), "harmless"),
}
