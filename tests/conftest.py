"""What all tests share: no property test fails because the machine is busy."""

import os

from hypothesis import settings

# Tests run side by side, one on a core: each keeps to one thread, and sums in one order.
for library in ("OMP", "OPENBLAS", "MKL"):
    os.environ.setdefault(f"{library}_NUM_THREADS", "1")
settings.register_profile("project", deadline=None, max_examples=50)
settings.load_profile("project")
