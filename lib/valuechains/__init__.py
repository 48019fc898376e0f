"""Peru's coffee and camelid value chains: clean data, indicators, charts and maps."""
