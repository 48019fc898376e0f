"""Boundaries for the maps (the tables are declared)."""
