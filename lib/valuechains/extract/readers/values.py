from ..values import *  # noqa: F403  (until nobody imports this path)
