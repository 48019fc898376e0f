"""What of a table is shown for a scope, and which source is preferred."""
