"""Old name of growth and concentration, until every notebook imports the package's names."""

from . import *  # noqa: F403
