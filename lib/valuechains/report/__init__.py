"""Words: computed sentences, findings and tables for reading."""
