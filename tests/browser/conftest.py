"""A browser for the tests here: the system's Chromium, driven by Playwright."""

import shutil

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="session")
def browser():
    missing = "Playwright is not installed: make check-browser does that"
    driver = pytest.importorskip("playwright.sync_api", reason=missing)
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        pytest.skip(f"no browser on this machine: none of {', '.join(NAMES)}")
    with driver.sync_playwright() as playwright:
        flags = ["--no-sandbox", "--disable-gpu"]  # root may not have the sandbox
        browser = playwright.chromium.launch(executable_path=path, args=flags)
        yield browser
        browser.close()
