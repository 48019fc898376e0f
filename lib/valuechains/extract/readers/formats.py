from ..formats import *  # noqa: F403  (until nobody imports this path)
