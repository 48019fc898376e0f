"""Published formats → rows. Each reader keeps the cell's place, for messages and records."""
