/**
 * A short pattern of tones for each outcome, so that the attendant need not look up each time. Browsers allow sound only after a tap.
 *
 * @typedef {import('../../contracts/display.ts').LaneOutcome} LaneOutcome
 * An outcome, a call for help, no reader that answers, or no connection to the box.
 * @typedef {LaneOutcome | 'sos' | 'out' | 'lost'} Sound
 */
import { remember, remembered } from './settings.js';

/** Tones one after the other, as [Hz, milliseconds]; 60 ms of silence between them. @type {Readonly<Record<Sound, readonly (readonly [number, number])[]>>} */
const PATTERNS = {
  clear: [[1047, 120]],
  'look at the document': [
    [784, 150],
    [784, 150],
  ],
  'no list': [[392, 600]],
  listed: [
    [988, 350],
    [659, 350],
    [988, 350],
  ],
  out: [784, 392, 784, 392].map((hz) => /** @type {const} */ ([hz, 250])),
  lost: [
    [262, 200],
    [196, 700],
  ],
  sos: [120, 120, 120, 360, 360, 360, 120, 120, 120].map((ms) => /** @type {const} */ ([1319, ms])),
};
const PAUSE_MS = 60;
const RAMP_S = 0.01;
const VOLUME = 0.6;

/** The visual counterpart of each pattern. @type {Readonly<Record<Sound, string>>} */
export const NOTES = {
  clear: '•',
  'look at the document': '• •',
  'no list': '—',
  listed: '— — —',
  out: '▲ ▼ ▲ ▼',
  lost: '• —',
  sos: '• • • — — — • • •',
};

/** Whether the attendant wanted sound, kept over restarts of the display. */
const WANTED = 'sitebox-sound';

/** @returns {{ on(): boolean, wanted(): boolean, toggle(): Promise<void>, resume(): Promise<void>, play(sound: Sound): boolean }} */
export function openSound() {
  /** @type {AudioContext | undefined} */
  let context;
  const wanted = () => remembered(WANTED) === 'on';
  const on = () => wanted() && context?.state === 'running';
  const resume = async () => {
    if (!wanted()) return;
    context ??= new AudioContext();
    if (context.state === 'suspended') await context.resume();
  };
  return {
    on,
    wanted,
    resume,
    async toggle() {
      remember(WANTED, on() ? 'off' : 'on');
      await resume();
    },
    /** Plays a pattern; false where sound is off. */
    play(sound) {
      if (!context || !on()) return false;
      let at = context.currentTime + RAMP_S;
      for (const [hz, ms] of PATTERNS[sound]) {
        tone(context, hz, at, at + ms / 1000);
        at += (ms + PAUSE_MS) / 1000;
      }
      return true;
    },
  };
}

/**
 * One tone with soft edges: hard ones click.
 * @param {AudioContext} context
 * @param {number} hz
 * @param {number} from seconds of the context's clock
 * @param {number} to
 */
function tone(context, hz, from, to) {
  const source = new OscillatorNode(context, { type: 'triangle', frequency: hz });
  const gain = new GainNode(context, { gain: 0 });
  gain.gain.setValueAtTime(0, from);
  gain.gain.linearRampToValueAtTime(VOLUME, from + RAMP_S);
  gain.gain.setValueAtTime(VOLUME, to - RAMP_S);
  gain.gain.linearRampToValueAtTime(0, to);
  source.connect(gain).connect(context.destination);
  source.start(from);
  source.stop(to);
}
