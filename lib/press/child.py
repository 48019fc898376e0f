"""What surrounds a render in a process of its own. Light: the runner imports it too."""

import os
import signal
import sys
import threading

from press.job import Job, Result, Settings


def in_child(job: Job, settings: Settings, page: bool) -> Result:
    """Render in a process of its own, and make sure that this process ends."""
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed()  # or all forks would draw the same numbers
    # Last resort: nobody keeps the time limit any more if the runner itself was killed.
    signal.alarm(int(settings.timeout) + 30)
    from press.render import render

    out = settings.out.resolve()
    result = render(job, settings.root, settings.folder, out, cold=settings.cold, page=page)
    leave = threading.Timer(10, os._exit, (0,))  # the notebook may have left a thread running
    leave.daemon = True
    leave.start()
    return result
