"""Whether a page fits: nobody scrolls sideways."""

from playwright.sync_api import Page

_TOO_WIDE = """
() => {
    const width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= width) return [];
    const clips = (element) => ["auto", "scroll", "hidden", "clip"].includes(getComputedStyle(element).overflowX);
    const isInside = (element) => {
        for (let over = element.parentElement; over && over !== document.body; over = over.parentElement) {
            if (clips(over)) return true;
        }
        return false;
    };
    return [...document.body.querySelectorAll("*")]
        .filter((element) => element.getBoundingClientRect().right > width + 1 && !isInside(element))
        .map((element) => `${element.outerHTML.slice(0, 150)} to ${element.getBoundingClientRect().right}`)
        .slice(0, 5)
        .concat(`${document.documentElement.scrollWidth} wide in a window of ${width}`);
}
"""


def too_wide(page: Page) -> list[str]:
    """What stands out of the window; empty where nothing does."""
    found: list[str] = page.evaluate(_TOO_WIDE)
    return found


def calm(page: Page) -> None:
    """Until fonts are there: before, icons are words and lines have other lengths. What moves is measured at rest."""
    page.add_style_tag(content="*, *::before, *::after { transition: none !important; animation: none !important; }")
    page.evaluate("document.fonts.ready.then(() => null)")


def darken(page: Page) -> None:
    """As if the person had chosen dark before; without the theme's script, as their system says."""
    page.emulate_media(color_scheme="dark")
    page.evaluate("window.Alpine && (Alpine.$data(document.documentElement).adminTheme = 'dark')")
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(null))))")
