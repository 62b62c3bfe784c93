/**
 * The display of one gate lane: follows the lane's events, and shows nothing of any visitor while it does not hear them.
 *
 * @typedef {import('../../contracts/lane-facts.ts').LaneFacts} LaneFacts
 * @typedef {import('./show.js').Memory} Memory
 * @typedef {import('./words.js').Language} Language
 */
import { draw, element, fit, flash, setText } from './draw.js';
import { remember, remembered } from './settings.js';
import { describe, describeSos, follow } from './show.js';
import { NOTES, openSound } from './sound.js';
import { sounds, words } from './words.js';

/** The box gives a sign of life every 5 s. */
const SILENCE_MS = 12_000;
const RECONNECT_MS = 2_000;
/** A reader that only starts anew is no alarm: no reader for this long sounds. */
const OUT_MS = 2_000;
/** Under which name this display is known, over reloads and restarts of the browser. */
const DISPLAY_KEY = 'sitebox-display';
/** How often the screen looks at the time. */
const TICK_MS = 500;

const lane = location.pathname.split('/')[2] ?? '';
const display = displayName();
const sound = openSound();
/** @type {Language} */
let language = chosenLanguage();
/** What holds for the lane; undefined while there is no connection. @type {LaneFacts | undefined} */
let facts;
/** Outlives a lost connection, so that an outcome that was seen before does not count as new. @type {Memory | undefined} */
let memory;
/** @type {EventSource | undefined} */
let source;
/** Of the first connection: when the box comes back with another one, this page is out of date. @type {string | undefined} */
let version;
let heardMs = 0;
/** Of the crew, open now. @type {readonly import('../../contracts/display.ts').ShownSos[]} */
let calls = [];
/** Calls for help that were sounded for. @type {Set<string>} */
const sounded = new Set();
/** Whether this connection has brought a view: the one of the connection before is not shown again. */
let current = false;
let drawn = '';

/** Since when no reader has answered; undefined while one does. @type {number | undefined} */
let outMs;
let outSounded = false;

/** 128 random bits, so that no other display or program can take the seat of this one. */
function displayName() {
  const name = remembered(DISPLAY_KEY);
  if (name && /^[0-9a-f]{32}$/.test(name)) return name;
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const newName = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  remember(DISPLAY_KEY, newName);
  return newName;
}

/** @returns {Language} */
function chosenLanguage() {
  const asked = new URL(location.href).searchParams.get('lang');
  if (asked === 'zh' || asked === 'en') return asked;
  return navigator.language.toLowerCase().startsWith('zh') ? 'zh' : 'en';
}

function connect() {
  heardMs = performance.now();
  current = false;
  const events = new EventSource(`/lanes/${lane}/events?display=${display}`);
  source = events;
  events.addEventListener('lane', (/** @type {MessageEvent<string>} */ { data }) => {
    heardMs = performance.now();
    facts = /** @type {LaneFacts} */ (JSON.parse(data));
    version ??= facts.page;
    if (facts.page !== version) location.reload();
    // A display that confirms what it reads keeps its seat.
    fetch(`/lanes/${lane}/seat?display=${display}`, { method: 'POST' }).catch(() => undefined);
    show();
  });
  events.addEventListener('message', (/** @type {MessageEvent<string>} */ { data }) => {
    heardMs = performance.now();
    /** @type {import('../../contracts/display.ts').LaneView} */
    const view = JSON.parse(data);
    const ageMs = !current && facts && view.last ? facts.now - view.last.at : 0;
    current = true;
    const next = follow(memory, view, heardMs, ageMs);
    memory = next.memory;
    show();
    document.body.dataset.version = String(view.version);
    if (next.news) announce(next.news);
  });
  events.addEventListener('sos', (/** @type {MessageEvent<string>} */ { data }) => {
    heardMs = performance.now();
    calls = JSON.parse(data);
    // Pressed again, it sounds again.
    const news = calls.filter(({ id, at }) => !sounded.has(`${id} ${at}`));
    for (const { id, at } of news) sounded.add(`${id} ${at}`);
    show();
    if (news.length > 0) announce('sos');
  });
  events.addEventListener('error', lose);
}

/** The connection is gone or silent. An EventSource would try again on its own, but not after every kind of answer. */
function lose() {
  if (!source) return;
  const heard = facts !== undefined;
  source.close();
  source = undefined;
  facts = undefined;
  calls = [];
  show();
  if (heard) announce('lost');
  else askForCode();
  setTimeout(connect, RECONNECT_MS);
}

/** A box that shows the lane only with a code asks for it in the place of this page; an EventSource does not say why it was refused. */
function askForCode() {
  fetch(`/lanes/${lane}`, { method: 'HEAD' })
    .then(({ status }) => {
      if (status === 401) location.reload();
    })
    .catch(() => undefined);
}

/** @param {import('./sound.js').Sound} outcome */
function announce(outcome) {
  flash();
  setText('heard', `♪ ${NOTES[outcome]}  ${sounds[outcome][language]}`);
  const { dataset } = document.body;
  dataset.sound = outcome;
  dataset.sounds = String(Number(dataset.sounds ?? 0) + 1);
  dataset.played = sound.play(outcome) ? outcome : '';
}

function show() {
  const nowMs = performance.now();
  const screen = describe(facts, current ? memory : undefined, nowMs, language);
  soundOut(screen.stage === 'out', nowMs);
  const text = JSON.stringify([screen, calls, language, facts?.compares, memory?.view.declined, sound.on()]);
  if (text === drawn) return;
  drawn = text;
  document.documentElement.lang = language;
  document.title = `${words.title[language]} ${lane}`;
  setText('lane', `${words.title[language]} ${lane}`);
  setText('language', words.language[language]);
  setText('sound', words[sound.on() ? 'soundOn' : 'soundOff'][language]);
  element('sound').setAttribute('aria-pressed', String(sound.on()));
  if (screen.stage === 'lost' || screen.tone === 'neutral') setText('heard', '');
  const declined = memory?.view.declined === true;
  setText('decline', facts?.compares ? words[declined ? 'declined' : 'decline'][language] : '');
  element('decline').setAttribute('aria-pressed', String(declined));
  setText('sos', describeSos(calls, language));
  draw(screen);
}

/**
 * Sounds once each time that all readers have been away for OUT_MS.
 * @param {boolean} out
 * @param {number} nowMs
 */
function soundOut(out, nowMs) {
  if (!out) {
    outMs = undefined;
    outSounded = false;
    return;
  }
  outMs ??= nowMs;
  if (outSounded || nowMs - outMs < OUT_MS) return;
  outSounded = true;
  announce('out');
}

async function decline() {
  const answer = await fetch(`/lanes/${lane}/decline`, { method: 'POST' }).catch(() => undefined);
  if (!answer?.ok) setText('decline', words.declineFailed[language]);
}

element('decline').addEventListener('click', () => void decline());
element('sound').addEventListener('click', () => void sound.toggle().then(show));
element('language').addEventListener('click', () => {
  language = language === 'zh' ? 'en' : 'zh';
  const url = new URL(location.href);
  url.searchParams.set('lang', language);
  history.replaceState(null, '', url);
  setText('heard', '');
  show();
});
// A display that was started again may only sound after a tap, wherever it lands.
document.addEventListener('pointerdown', ({ target }) => {
  if (target !== element('sound')) void sound.resume().then(show);
});
window.addEventListener('resize', fit);
window.addEventListener('offline', lose);
setInterval(() => {
  if (source && performance.now() - heardMs > SILENCE_MS) lose();
  else show();
}, TICK_MS);
connect();
void sound.resume().then(show);
show();
