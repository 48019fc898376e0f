"""What the documents state, recomputed: the ledger of statements."""
