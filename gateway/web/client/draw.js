/**
 * Puts a screen into the document. Everything that came from the box is set as text, never as markup.
 *
 * @typedef {import('./show.js').Screen} Screen
 */

const SMALLEST = 0.2;
const STEP = 0.96;
/** Outcome and symbol are read from afar and stay at least half their size; the text below may become small print. */
const SMALLEST_TITLE = 0.5;

/** @param {string} id */
export function element(id) {
  const target = document.getElementById(id);
  if (!target) throw new Error(`lane.html has no element "${id}"`);
  return target;
}

/**
 * @param {string} id
 * @param {string} text an empty one hides the element
 */
export function setText(id, text) {
  const target = element(id);
  target.hidden = text === '';
  if (target.textContent !== text) target.textContent = text;
}

/** @param {Screen} screen */
export function draw(screen) {
  document.body.dataset.tone = screen.tone;
  document.body.dataset.stage = screen.stage;
  element('symbol').setAttribute('href', `#${screen.symbol}`);
  setText('tag', screen.tag);
  setText('title', screen.title);
  setText('alarm', screen.alarm);
  setText('sign', screen.foot);
  element('lines').replaceChildren(...screen.lines.map(({ style, text }) => child('p', text, style)));
  element('chips').replaceChildren(...screen.chips.map((text) => child('span', text, 'chip')));
  fit();
}

/**
 * @param {string} tag
 * @param {string} text
 * @param {string} style
 */
function child(tag, text, style) {
  const made = document.createElement(tag);
  made.textContent = text;
  made.className = style;
  return made;
}

/** Makes the type of the middle smaller until all of it can be seen: an instruction may be 1,000 characters long, and a display has no one to scroll it. */
export function fit() {
  const text = element('text');
  const main = element('screen');
  const { paddingTop, paddingBottom } = getComputedStyle(main);
  const room = main.clientHeight - parseFloat(paddingTop) - parseFloat(paddingBottom);
  for (let factor = 1; factor >= SMALLEST; factor *= STEP) {
    const title = Math.max(factor, SMALLEST_TITLE);
    main.style.fontSize = `calc(var(--base) * ${title.toFixed(3)})`;
    element('lines').style.fontSize = `${(factor / title).toFixed(3)}em`;
    if (text.offsetHeight <= room && main.scrollWidth <= main.clientWidth) return;
  }
}

/** Flashes once: a second green in a row has to be seen as a new one. */
export function flash() {
  const main = element('screen');
  main.classList.remove('flash');
  // Reading the size lets the browser notice that the class was gone.
  void main.offsetWidth;
  main.classList.add('flash');
}
