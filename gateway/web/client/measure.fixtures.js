/** What the tests measure inside the browser; it is not part of the page. Each function stands alone, because it is sent there as text. */

/**
 * What does not fit: scroll bars, parts outside the window, and what stands in the middle being cut off.
 * @returns {string[]}
 */
export function overflow() {
  /** @type {string[]} */
  const found = [];
  const { scrollWidth, scrollHeight } = document.documentElement;
  if (scrollWidth > innerWidth || scrollHeight > innerHeight) found.push(`page ${scrollWidth} x ${scrollHeight}`);
  /** @type {(selector: string, outer: DOMRect) => void} */
  const check = (selector, outer) => {
    for (const element of document.querySelectorAll(selector)) {
      const { left, right, top, bottom } = element.getBoundingClientRect();
      const inside =
        left >= outer.left - 1 && right <= outer.right + 1 && top >= outer.top - 1 && bottom <= outer.bottom + 1;
      if (!inside && element.checkVisibility()) found.push(`${element.tagName} ${element.textContent?.slice(0, 20)}`);
    }
  };
  check('header *, footer *, #alarm', new DOMRect(0, 0, innerWidth, innerHeight));
  const main = document.querySelector('main');
  if (main) check('main .symbol, main h1, main p, main span', main.getBoundingClientRect());
  return found;
}

/**
 * Colour of the screen, and the contrast of its text (WCAG 2.2, 1.4.3).
 * @returns {{ back: string, contrast: number }}
 */
export function colours() {
  /** @type {(colour: string) => number} */
  const light = (colour) => {
    const [r = 0, g = 0, b = 0] = (colour.match(/\d+/g) ?? []).map((c) => {
      const part = Number(c) / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const { backgroundColor, color } = getComputedStyle(document.body);
  const lights = [light(backgroundColor), light(color)];
  return { back: backgroundColor, contrast: (Math.max(...lights) + 0.05) / (Math.min(...lights) + 0.05) };
}
