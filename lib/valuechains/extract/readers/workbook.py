from ..workbook import *  # noqa: F403  (old path)
