from ..formats import *  # noqa: F403  (old path)
