from ..values import *  # noqa: F403  (old path)
