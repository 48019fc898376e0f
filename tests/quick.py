"""Loaded before pytest's plugins (`-p tests.quick`): leaves out what only takes time there.

The checker of notebooks would build a grammar of web addresses, two seconds long, in each process.
"""

import sys

sys.modules["rfc3987_syntax"] = None  # type: ignore[assignment]
