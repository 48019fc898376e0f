"""Published files → rows with their origin: readers, sidecars, corrections, `make add`."""
