"""`python -m press pdf EDITION`: the pages of an edition as PDF, each beside its page.

A PDF goes when its page is made again.
"""

import os
import shutil
import subprocess
import tempfile

from press.job import CollectionError, Settings, nearest
from press.manifest import PAGE, PDF, Manifest

BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def make(settings: Settings, edition: str) -> int:
    """Print every page of an edition by a headless Chromium; exit code 1 if one could not be."""
    jobs = Manifest(settings.out, settings.root).jobs
    slugs = [slug for slug in jobs if slug.startswith(f"{edition}/")]
    if not slugs:
        names = sorted({slug.partition("/")[0] for slug in jobs})
        raise CollectionError(f'no edition "{edition}" is made: {nearest(edition, names)}')
    browser = next(filter(None, map(shutil.which, BROWSERS)), "")
    if not browser:
        raise CollectionError(f"no browser to print with here: none of {', '.join(BROWSERS)}")
    flags = ["--headless", "--disable-gpu", "--no-pdf-header-footer"]
    flags += [] if os.geteuid() else ["--no-sandbox"]  # which root may not have
    failed = 0
    with tempfile.TemporaryDirectory() as profile:
        for slug in slugs:
            page, target = settings.out / (slug + PAGE), settings.out / (slug + PDF)
            target.unlink(missing_ok=True)
            into = [f"--user-data-dir={profile}", f"--print-to-pdf={target.resolve()}"]
            command = [browser, *flags, *into, page.resolve().as_uri()]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            failed += not target.is_file()
            print(target if target.is_file() else f"FAILED  {page}\n{done.stderr}".rstrip())
    return int(failed > 0)
