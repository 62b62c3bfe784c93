/** The gate lane of the demo: people who do not exist lay cards on a simulated reader, one every few seconds, before a simulated camera. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LaneView, LookReason } from '../../gateway/contracts/display.ts';
import type { Comparison } from '../../gateway/contracts/comparison.ts';
import { openGate, type Visitor } from '../devices/gate/gate.ts';
import { decoderProgram, listPhoto, writePortraits } from '../devices/gate/portraits.ts';
import type { VisitorKind } from '../devices/gate/visitors.ts';
import { startReader } from '../devices/reader/reader.ts';
import { openFacePainter, type FacePainter } from '../scene/face.ts';
import type { WantedDocument } from '../product/site.ts';

export const GATE = 'gate-1';
const LANE = `lane ${GATE}`;
const READER = 'desk-1';
const CAMERA = 'hall-1';
const SIZE = { width: 640, height: 480 };

/** Who comes, over and over. */
const TURNS: readonly VisitorKind[] = ['plain', 'listed', 'expired', 'borrowed', 'plain', 'camera-shy', 'listed'];
const WORDS: Readonly<Record<VisitorKind, string>> = {
  plain: 'lays down a card of their own',
  listed: 'lays down a card that is on the list',
  expired: 'lays down a card that has expired',
  borrowed: "lays down somebody else's card",
  'camera-shy': 'lays down a card of their own and turns away from the camera',
};
/** Enough that each turn finds one of its kind. */
const VISITORS = 60;
/** A card lies there until its holder has been compared, however slow the computer is, and a moment longer; then the lane is empty. */
const COMPARED_MS = 12_000;
const STAY_MS = 1_500;
const GAP_MS = 1_000;

const SIGN =
  '本通道在您出示证件时比对一次人脸，图像不保存；您可以不同意，由工作人员人工核对。 ' +
  'Your face is compared once with your document and not kept. You may decline; the attendant then compares by eye.';

export type Say = (who: string, text: string) => void;

export interface DemoGate {
  /** Parts of the configuration. */
  readonly lane: object;
  readonly reader: object;
  readonly camera: object;
  readonly comparison: object;
  /** Draws the photos of the documents. Resolves to whom the document list of the demo has to name. */
  draw(): Promise<readonly WantedDocument[]>;
  /** Visitors come, and the lane's display is retold, until `signal` aborts. `url` is the box's own. */
  run(url: string, say: Say, signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

export async function openDemoGate(folder: string): Promise<DemoGate> {
  const portraits = join(folder, 'portraits');
  const shares = { listed: 0.2, borrowed: 0.2, expired: 0.2, cameraShy: 0.2 };
  const gate = await openGate({ seed: 5, count: VISITORS, shares, size: SIZE });
  const reader = await startReader({ tcp: 0 });
  const cast = inTurn([...gate.visitors()]);
  return {
    lane: { id: GATE, kind: 'gate', readers: [READER], camera: CAMERA },
    reader: { id: READER, kind: 'sdt', port: reader.address },
    camera: { id: CAMERA, kind: 'jpeg', url: gate.camera.url, fps: 5, ...SIZE },
    // Not offline: a computer that only tries the demo need not allow its users namespaces, and this decoder is our own.
    comparison: {
      sign: SIGN,
      photoDecoder: { kind: 'program', command: [decoderProgram, portraits], offline: false },
    },
    async draw() {
      const painter = openFacePainter();
      await writePortraits(portraits, { of: cast.map((v) => v.holder), painter });
      return wantedOf(cast, painter);
    },
    async run(url, say, signal) {
      let compared = (): void => undefined;
      const come = async (): Promise<void> => {
        for (let n = 0; !signal.aborted; n++) {
          const visitor = cast[n % cast.length]!;
          await gate.camera.show(visitor);
          say('visitor', WORDS[visitor.kind]);
          const comparison = new Promise<void>((resolve) => (compared = resolve));
          reader.placeCard(visitor.card);
          await Promise.race([comparison, pause(COMPARED_MS, signal)]);
          await pause(STAY_MS, signal);
          reader.removeCard();
          await gate.camera.show();
          await pause(GAP_MS, signal);
        }
      };
      await Promise.all([
        come(),
        watch(
          `${url}/lanes/${GATE}/events`,
          createRetelling(say, () => compared()),
          signal,
        ),
      ]);
    },
    async close() {
      await reader.close();
      await gate.camera.close();
    },
  };
}

/** For each turn the next of the visitors who is of that kind. */
function inTurn(visitors: readonly Visitor[]): Visitor[] {
  const waiting = [...visitors];
  return TURNS.map((kind) => {
    const at = waiting.findIndex((v) => v.kind === kind);
    if (at < 0) throw new Error(`there is no visitor of the kind ${kind} left`);
    return waiting.splice(at, 1)[0]!;
  });
}

/** The first of the listed has a photo on the list, too. */
async function wantedOf(cast: readonly Visitor[], painter: FacePainter): Promise<WantedDocument[]> {
  const listed = cast.filter((v) => v.kind === 'listed');
  return Promise.all(
    listed.map(async ({ card, holder }, i) => {
      const wanted = {
        number: card.number,
        category: 'sought (simulated)',
        instruction: 'stay calm; ask the visitor to wait; call the officer on duty',
      };
      return i > 0 ? wanted : { ...wanted, photo: await listPhoto(holder, painter) };
    }),
  );
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}

/** Follows the events of a lane, as its display does, until `signal` aborts. */
async function watch(url: string, take: (view: LaneView) => void, signal: AbortSignal): Promise<void> {
  try {
    const { body } = await fetch(url, { signal });
    const decoder = new TextDecoder();
    let text = '';
    for await (const chunk of body ?? []) {
      const events = (text += decoder.decode(chunk as Uint8Array, { stream: true })).split('\n\n');
      text = events.pop() ?? '';
      for (const event of events) {
        const [, data] = /^data: (.*)$/m.exec(event) ?? [];
        if (data !== undefined && !/^event:/m.test(event)) take(JSON.parse(data) as LaneView);
      }
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

const REASONS: Partial<Record<LookReason, string>> = { expired: 'it has expired', 'not yet valid': 'not valid yet' };

/** What the attendant sees, in words: each outcome when it comes, and the comparison when it is known, which is when `compared` is called. */
function createRetelling(say: Say, compared: () => void): (view: LaneView) => void {
  let toldAt = 0;
  let toldComparison = false;
  return ({ last }) => {
    if (!last) return;
    if (last.at !== toldAt) {
      toldAt = last.at;
      toldComparison = false;
      const why = last.reasons.map((reason) => REASONS[reason] ?? reason).join(', ');
      const more = last.outcome === 'listed' ? `${last.category}: ${last.instruction}` : why;
      say(LANE, `${last.outcome.toUpperCase()}${more && `: ${more}`} (ends in ${last.lastFour ?? '?'})`);
    }
    if (!last.comparison || toldComparison) return;
    toldComparison = true;
    const entry = last.entryComparison ? `; face and photo on the list ${words(last.entryComparison)}` : '';
    const todo = last.reasons.includes('borrowed') ? ': compare the holder yourself' : '';
    say(LANE, `face and photo on the card ${words(last.comparison)}${entry}${todo}`);
    compared();
  };
}

function words(c: Comparison): string {
  if (c.outcome === 'not compared') return `not compared: ${c.why}`;
  const verb = c.outcome === 'same' ? 'agree' : 'differ';
  return `${verb} (${c.score.toFixed(2)}, same from ${c.threshold})`;
}
