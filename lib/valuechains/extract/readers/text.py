from ..text import *  # noqa: F403  (old path)
