"""Old paths, until nobody imports them: remove this folder then."""
