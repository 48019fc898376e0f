from ..raw import *  # noqa: F403  (old path)
