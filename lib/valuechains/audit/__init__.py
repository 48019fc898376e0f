"""What the documents state, recomputed: the ledger of statements, its verdicts, its wording."""

from .claims import counts, ledger, summary, surprises
from .words import called, in_words, notes, sentences

__all__ = ["called", "counts", "in_words", "ledger", "notes", "sentences", "summary", "surprises"]
