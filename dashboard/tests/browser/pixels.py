"""The colours that are really on the screen."""

import base64
from collections.abc import Mapping

from playwright.sync_api import Locator, Page

# Decoded by the browser itself: Python's library reads no PNG.
_COUNTED = """async encoded => {
  const bytes = Uint8Array.from(atob(encoded), one => one.charCodeAt(0));
  const picture = await createImageBitmap(new Blob([bytes], {type: "image/png"}));
  const pen = new OffscreenCanvas(picture.width, picture.height).getContext("2d");
  pen.drawImage(picture, 0, 0);
  const {data} = pen.getImageData(0, 0, picture.width, picture.height);
  const counts = {};
  for (let at = 0; at < data.length; at += 4) {
    const colour = `rgb(${data[at]}, ${data[at + 1]}, ${data[at + 2]})`;
    counts[colour] = (counts[colour] ?? 0) + 1;
  }
  return counts;
}"""
_OF_TOKEN = """name => {
  const probe = document.createElement("span");
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found;
}"""


def pixels(element: Locator) -> Mapping[str, int]:
    """How many pixels of the screen have which colour, where the element is."""
    picture = base64.b64encode(element.screenshot()).decode()
    counts: dict[str, int] = element.page.evaluate(_COUNTED, picture)
    return counts


def colour(page: Page, token: str) -> str:
    """The colour of a custom property, in the theme of the moment."""
    found: str = page.evaluate(_OF_TOKEN, token)
    return found
