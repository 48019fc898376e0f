"""`python -m press pdf EDITION`: the pages of an edition as PDF, until they are made again."""

import os
import shutil
import subprocess
import tempfile

from press.job import CollectionError, Settings, nearest
from press.manifest import PAGE, PDF, Manifest

BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def make(settings: Settings, edition: str) -> int:
    """Print the pages of an edition by a headless Chromium; exit code 1 if one could not be."""
    jobs = Manifest(settings.out, settings.root).jobs
    slugs = sorted(slug for slug in jobs if slug.startswith(f"{edition}/"))
    if not slugs:
        names = sorted({slug.partition("/")[0] for slug in jobs})
        raise CollectionError(f'no edition "{edition}" is made: {nearest(edition, names)}')
    browser = next(filter(None, map(shutil.which, BROWSERS)), "")
    if not browser:
        raise CollectionError(f"no browser to print with here: none of {', '.join(BROWSERS)}")
    flags = ["--headless", "--disable-gpu", "--no-pdf-header-footer"]
    flags += [] if os.geteuid() else ["--no-sandbox"]  # which root may not have
    targets = [settings.out / (slug + PDF) for slug in slugs]
    with tempfile.TemporaryDirectory() as profile:
        for target in targets:
            target.unlink(missing_ok=True)
            page = target.with_suffix(PAGE).resolve().as_uri()
            into = [f"--user-data-dir={profile}", f"--print-to-pdf={target.resolve()}"]
            done = subprocess.run([browser, *flags, *into, page], capture_output=True, text=True)
            print(target if target.is_file() else f"FAILED  {target}\n{done.stderr}")
    return int(not all(target.is_file() for target in targets))
