"""The pages as a browser shows them: axe finds nothing, a keyboard reaches all, nothing is asked.

The pages are those in reports/, as `make reports` left them. What is folded is opened first.
"""

import contextlib
from importlib.util import find_spec
from pathlib import Path

import pytest

REPORTS = Path(__file__).parents[2] / "reports"
KINDS = ("index*.html", "edition-*.html", "eu-peru*/*.html", "methods*/*.html")
KINDS += ("departments*/*-cusco.html",)
PAGES = sorted(page.relative_to(REPORTS) for kind in KINDS for page in REPORTS.glob(kind))
AUDIT = "eu-peru/09-report-audit.html"
FOUR = ("index.html", "edition-departments-es.html", "eu-peru/02-coffee-prices.html")
FOUR += ("eu-peru-es/13-did-nearness-predict.html",)
DESKTOP, PHONE = 1280, 390
OPEN = """() => {
  for (const folded of document.querySelectorAll("details")) folded.open = true;
  for (const hidden of document.querySelectorAll("input.switch")) hidden.checked = true;
}"""
LINES = """() => {
  for (const tool of document.querySelectorAll(".filter, .frames, search")) tool.remove();
  return document.body.innerText.split(/\\s*[\\n\\t]\\s*/).filter(Boolean);
}"""
AXE = "axe.run({resultTypes: ['violations', 'incomplete']})"
# What has the focus: its kind, what it says, whether it is seen to have it.
FOCUS = """() => {
  const at = document.activeElement, box = at.getBoundingClientRect();
  const seen = at.matches(".switch") ? at.nextElementSibling : at;
  const drawn = getComputedStyle(seen).outlineStyle !== "none" || at.matches("svg .at");
  const words = at.ariaLabel || at.textContent.trim() || at.id;
  return [at.tagName, words, drawn && box.bottom > 0];
}"""


@contextlib.contextmanager
def opened(browser, name, width=DESKTOP, scheme="light", scripts=True):
    """A page of the site, which asks for nothing but files, and whose policy stops nothing."""
    if not (REPORTS / name).is_file():
        pytest.skip("no such page in reports/: make reports")
    look = {"viewport": {"width": width, "height": 844}, "color_scheme": scheme}
    context = browser.new_context(**look, java_script_enabled=scripts)
    page, asked, wrong = context.new_page(), [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: wrong.append(message.text))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto((REPORTS / name).as_uri())
    yield page
    context.close()
    assert not [url for url in asked if not url.startswith(("file:", "data:"))]
    assert wrong == []


def problems(page):
    """What axe finds on a page, and what it can't tell, one line each.

    What the text of a figure stands on it never can tell: that is left out.
    """
    page.evaluate(OPEN)
    package = Path(find_spec("axe_playwright_python").origin)
    page.evaluate(package.with_name("axe.min.js").read_text())
    result = page.evaluate(AXE)
    return [
        f"{rule['id']}: {node['target']}: {node['html'][:200]}"
        for rule in result["violations"] + result["incomplete"]
        for node in rule["nodes"]
        if not (rule["id"] == "color-contrast" and node["html"].startswith("<text "))
    ]


@pytest.mark.parametrize("name", FOUR)
def test_axe_finds_nothing_on_four_pages(browser, name):
    with opened(browser, name, PHONE) as page:
        assert problems(page) == []


@pytest.mark.parametrize("name", PAGES, ids=str)
def test_axe_finds_nothing_on_any_page(browser, name):
    for width in (DESKTOP, PHONE):
        for scheme in ("light", "dark"):
            with opened(browser, name, width, scheme) as page:
                assert problems(page) == [], (width, scheme)


def walk(page):
    """What the Tab key comes to, in order, each seen to have the focus, nothing twice."""
    stops = []
    for _ in range(3000):
        page.keyboard.press("Tab")
        kind, words, marked = page.evaluate(FOCUS)
        if kind == "BODY":
            return stops
        assert marked, (kind, words)
        stops.append((kind, words))
    raise AssertionError("the Tab key never leaves the page")


def test_a_keyboard_reaches_all_of_a_page(browser):
    with opened(browser, AUDIT) as page:
        stops = walk(page)
        words = [said for _, said in stops]
        order = ["Español", "show-code", "Contents"]
        assert [said for said in dict.fromkeys(words) if said in order] == order
        assert len([kind for kind, _ in stops if kind == "SUMMARY"]) >= 3
        # A fold; in it the filter: what is typed leaves the rows that say it.
        page.locator("details.fold:has([data-filter]) > summary").first.focus()
        page.keyboard.press("Enter")
        assert page.locator("details.fold[open]").count() == 1
        page.get_by_label("Show rows with …").first.focus()
        page.keyboard.type("coffee")
        rows = page.locator(".table[data-filter] tbody tr:visible").all_inner_texts()
        assert rows and all("coffee" in row.lower() for row in rows[:3])
        # The code, a column's order.
        page.locator("#show-code").focus()
        page.keyboard.press("Space")
        assert page.locator("pre.code").first.is_visible()
        page.locator("th button:visible").first.focus()
        page.keyboard.press("Enter")
        assert page.locator("[aria-sort=ascending]").count() == 1
    with opened(browser, "eu-peru/02-coffee-prices.html", PHONE) as page:
        stops = walk(page)
        assert ("A", "Picture") in [(kind, said.split(" ")[0]) for kind, said in stops]
        # A figure is one stop; arrows lead on to its other marks, each says its value.
        page.locator("figure svg [tabindex='0']").first.focus()
        first = page.locator(".tip").inner_text()
        page.keyboard.press("ArrowRight")
        assert first and page.locator(".tip").inner_text() not in ("", first)
        page.keyboard.press("Escape")
        assert page.locator(".tip").is_hidden()
        # The other language opens at the same place.
        place = page.locator("main figure[id]").nth(2).get_attribute("id")
        page.locator(f"#{place}").evaluate("place => place.scrollIntoView()")
        page.get_by_text("Español", exact=True).evaluate("link => link.click()")
        page.wait_for_url(f"**/eu-peru-es/02-coffee-prices.html#{place}")
        assert page.locator("html").get_attribute("lang") == "es"


def test_a_slider_shows_the_other_years_of_a_map(browser):
    with opened(browser, "eu-peru/04-camelids.html") as page:
        drawn = page.locator("figure:has(.frames)").first
        mark, year = drawn.locator("[data-of='21']"), drawn.locator("output")
        slider = drawn.get_by_role("slider", name="Year")
        slider.focus()

        def shown():
            said = mark.get_attribute("aria-label"), mark.get_attribute("fill")
            return year.inner_text().partition(" · ")[0], *said

        first = shown()
        page.keyboard.press("ArrowLeft")
        assert int(shown()[0]) == int(first[0]) - 1 and shown()[1] != first[1]
        assert year.inner_text().endswith(f" · title: {first[0]}")  # which stays
        page.keyboard.press("Home")
        assert drawn.get_by_text(f"Thousand heads, {shown()[0]}", exact=True).count() == 1
        page.keyboard.press("End")
        assert shown() == first


@pytest.mark.parametrize("name", ["index.html", "eu-peru/02-coffee-prices.html", AUDIT])
def test_without_scripts_nothing_is_lost(browser, name):
    def lines(scripts):
        with opened(browser, name, scripts=scripts) as page:
            page.evaluate(OPEN)
            return page.evaluate(LINES)

    assert lines(scripts=False) == lines(scripts=True)
