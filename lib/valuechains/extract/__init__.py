"""Published files → rows with their origin: readers, sidecars, corrections, `make add`.

What is not as a layout or sidecar declares it is refused by a ``DataError``: one line with the
file, the place in it (row and column, or sheet and cell), what stands there and what was expected.
"""
