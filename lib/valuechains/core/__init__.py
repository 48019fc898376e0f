"""What everything stands on: paths, errors, places, countries, the checked scope, language."""
