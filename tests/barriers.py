"""What keeps people out of a page: axe's rules, and whatever lies beyond the edge of a screen."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser import DESKTOP, PHONE

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# The widest and the narrowest that pages are made for.
SCREENS = {"desktop": DESKTOP, "narrow": PHONE | {"width": 320}}
COLOURS = ["color-contrast", "link-in-text-block"]
# Texts that look alike are as easy to read as one of them, and these rules take most of the time: one
# for each look not judged before. A look is a kind of element, a font, and what is behind it, all the way up.
_LOOKS = """but => {
  const judged = (axe.judged ??= new Set()), ways = new Map(), one_of_each = [];
  const find_way = element => {
    if (!element) return "";
    if (!ways.has(element)) {
      const { color, opacity, backgroundColor, backgroundImage, textShadow } = getComputedStyle(element);
      const look = [color, opacity, backgroundColor, backgroundImage, textShadow];
      // What is off need not be easy to read: it does not stand for what is on.
      const off = element.matches(":disabled, [aria-disabled=true]") || !!element.control?.disabled;
      const kind = [element.tagName, element.getAttribute("class"), off];
      ways.set(element, [find_way(element.parentElement), ...kind, ...look].join());
    }
    return ways.get(element);
  };
  for (const element of document.body.querySelectorAll("*")) {
    const says = [...element.childNodes].some(node => node.nodeType === Node.TEXT_NODE && node.data.trim());
    if (!says && !element.matches("input, select, textarea")) continue;
    if (!element.checkVisibility() || (but && element.closest(but))) continue;
    const { fontSize, fontWeight } = getComputedStyle(element);
    const look = [find_way(element), fontSize, fontWeight].join();
    if (!judged.has(look)) one_of_each.push(element);
    judged.add(look);
  }
  return one_of_each;
}"""
_RUN = f"""([rules, colours, but]) => {{
  const include = colours ? ({_LOOKS})(but) : ["html"];
  if (!include.length) return [];
  const left_out = Object.fromEntries({COLOURS}.map(rule => [rule, {{ enabled: colours }}]));
  const options = {{ runOnly: rules, rules: colours ? {{}} : left_out, resultTypes: ["violations"] }};
  return axe.run({{ include, exclude: but ? [[but]] : [] }}, options).then(done => done.violations);
}}"""
_axe = Axe()


def find_barriers(page: Page, name: str, *, but: str = "") -> list[str]:
    """Barriers of a page as it stands, wide and narrow, light and dark, but in the part that `but` selects.

    The page is left as it was found, and light. It is not loaded again: what was typed or opened stays.
    """
    before = page.viewport_size
    found = []
    page.evaluate("delete window.axe?.judged")
    for size, viewport in SCREENS.items():
        page.set_viewport_size(viewport)  # type: ignore[arg-type]
        found += _break_rules(page, f"{name}, {size}", RULES, but)
        found += _break_rules(page, f"{name}, {size}", COLOURS, but)
        # The same marks in other colours: nothing else can have changed.
        page.emulate_media(color_scheme="dark")
        found += _break_rules(page, f"{name}, {size}, dark", COLOURS, but)
        page.emulate_media(color_scheme="light")
    found += find_overflow(page, name)
    page.set_viewport_size(before or DESKTOP)  # type: ignore[arg-type]
    return found


def find_overflow(page: Page, name: str) -> list[str]:
    """By how much the page is wider than the narrowest screen, where it is."""
    before = page.viewport_size
    page.set_viewport_size(SCREENS["narrow"])  # type: ignore[arg-type]
    wider = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    page.set_viewport_size(before or DESKTOP)  # type: ignore[arg-type]
    return [f"{name}: {wider} pixels wider than the narrowest screen"] if wider > 0 else []


def _break_rules(page: Page, name: str, rules: list[str], but: str) -> list[str]:
    if not page.evaluate("'axe' in window"):
        page.evaluate(_axe.axe_script)
    violations = page.evaluate(_RUN, [rules, rules is COLOURS, but])
    return [
        f"{name}: {each['id']} ({each['help']}): {[node['html'][:160] for node in each['nodes']]}"
        for each in violations
    ]
