/** What every relay has to do with instructions, whatever it speaks. Called by the test beside each relay. */
import type { Mock } from 'vitest';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { iso } from '../../gateway/contracts/time.ts';
import type { Instruction, InstructionRefusal, RoomMessage } from '../../gateway/contracts/instruction.ts';
import type { Context, Json } from '../../gateway/contracts/base.ts';
import type { Relay } from '../../gateway/contracts/relay.ts';
import { eventOf, SOURCE } from './relay.ts';
import { encodeInstruction } from '../../adapters/upstream/instructions.codec.ts';
import { BOX, testContext } from './context.ts';

export interface InstructionHarness {
  /** The relay of the box; called again, as after a restart of it. */
  open(context: Context): Relay;
  /** The room keeps it until it is acknowledged. */
  tell(id: string, event: Json): void;
  /** Resolves once what `relay` has taken or refused is acknowledged. */
  acknowledged(relay: Relay, ids: readonly string[]): Promise<void>;
  /** The other side goes away. */
  stop(): Promise<void>;
  close(): Promise<void>;
}

export const SECRETS = { 'env:S': 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw' };
export const FROM = { source: '/rooms/east', box: BOX };
/** Until when what is told here holds. */
export const EXPIRES = Date.now() + 86_400_000;
const AT = Date.now();
export const PATIENCE = { timeout: 8_000, interval: 10 };

export function orderOf(id: string, text = 'go to the bridge'): RoomMessage {
  return { id, at: AT, by: 'Li', kind: 'order', order: { text, to: ['cam-1'] } };
}

export function wireOrder(id: string, more: Readonly<Record<string, Json>> = {}): { readonly [key: string]: Json } {
  return { ...encodeInstruction(orderOf(id), { ...FROM, expires: EXPIRES }), ...more };
}

const SECRET_TEXT = 'not for the log';
/** Refused once, never to come again; each with what the log says of it. */
const REFUSED: readonly (readonly [id: string, event: Json, why: RegExp])[] = [
  ['of-a-form', { id: 'of-a-form', text: SECRET_TEXT }, /specversion is not as expected/],
  ['expired', wireOrder('expired', { expirytime: '2026-01-01T00:00:01Z' }), /has expired/],
  ['early', wireOrder('early', { time: iso(AT + 3_600_000) }), /not valid yet: .* set the clocks/],
  ['long', wireOrder('long', { expirytime: iso(AT + 9 * 86_400_000) }), /valid for too long: .*7 days/],
  ['elsewhere', wireOrder('elsewhere', { subject: 'box-002' }), /subject is another box/],
  ['circle', wireOrder('circle', { source: SOURCE }), /source is this box/],
  ['kind', wireOrder('kind', { type: 'io.sitebox.down.fly.v1' }), /type is none/],
  [
    'content',
    wireOrder('content', { data: { text: SECRET_TEXT, to: [SECRET_TEXT], by: 'Li' } }),
    /data\.to\.0 is not as expected: a device id/,
  ],
  ['member', wireOrder('member', { data: { text: 'go', to: ['a'], by: 'Li', [SECRET_TEXT]: 1 } }), /data has a member/],
];

/** The fields of each warning in the log. */
export function warnings(context: Context): object[] {
  const { warn } = context.log as unknown as { readonly warn: Mock<Context['log']['warn']> };
  return warn.mock.calls.map(([fields]) => fields);
}

/** `receive` under way. */
interface Listening {
  readonly got: Instruction[];
  readonly refused: InstructionRefusal[];
  readonly ended: Promise<unknown>;
  ids(): string[];
  stop(): Promise<unknown>;
}

export function listenOn(relay: Relay, take: (message: Instruction) => void = () => undefined): Listening {
  const got: Instruction[] = [];
  const refused: InstructionRefusal[] = [];
  const ending = new AbortController();
  const hear = (message: Instruction): void => {
    take(message);
    got.push(message);
  };
  const ended = relay.receive!(hear, ending.signal, (refusal) => refused.push(refusal)).then(
    () => 'ended',
    (e: unknown) => e,
  );
  return {
    got,
    refused,
    ended,
    ids: () => got.map((m) => m.id),
    stop() {
      ending.abort();
      return ended;
    },
  };
}

interface InstructionRig {
  harness(): InstructionHarness;
  context(): Context;
  /** A relay of the box, closed at the end of the test. */
  open(): Relay;
}

export function instructionConformance(name: string, start: () => Promise<InstructionHarness>): void {
  describe(`instructions by ${name}`, () => {
    let harness: InstructionHarness;
    let context: Context;
    let relays: Relay[];
    const open = (): Relay => {
      const relay = harness.open(context);
      relays.push(relay);
      return relay;
    };
    beforeEach(async () => {
      harness = await start();
      context = testContext('room', SECRETS);
      relays = [];
    });
    afterEach(async () => {
      for (const relay of relays) await relay.close?.();
      await harness.close();
    });
    const rig = { harness: () => harness, context: () => context, open };
    testDelivery(rig);
    testRefusalsAndEnds(rig);
  });
}

/** Each once, in order, and again only where it could not be kept. */
function testDelivery(rig: InstructionRig): void {
  it('are given to the gateway as they were told, in order, and not again once they are kept', async () => {
    const relay = rig.open();
    const listening = listenOn(relay);
    rig.harness().tell('o-1', wireOrder('o-1'));
    rig.harness().tell('o-2', wireOrder('o-2'));
    await vi.waitFor(
      () => expect(listening.got).toEqual(['o-1', 'o-2'].map((id) => ({ ...orderOf(id), expires: EXPIRES }))),
      PATIENCE,
    );
    await rig.harness().acknowledged(relay, ['o-1', 'o-2']);
    expect(await listening.stop()).toBe('ended');
    await relay.close?.();
    const next = listenOn(rig.open());
    rig.harness().tell('o-3', wireOrder('o-3'));
    await vi.waitFor(() => expect(next.ids()).toEqual(['o-3']), PATIENCE);
    await next.stop();
  });

  it('wait while the box is away, and while nobody receives', async () => {
    const first = rig.open();
    const listening = listenOn(first);
    rig.harness().tell('o-1', wireOrder('o-1'));
    await vi.waitFor(() => expect(listening.ids()).toEqual(['o-1']), PATIENCE);
    await rig.harness().acknowledged(first, ['o-1']);
    await listening.stop();
    rig.harness().tell('o-2', wireOrder('o-2'));
    await first.send(eventOf(1), new AbortController().signal);
    await first.close?.();
    rig.harness().tell('o-3', wireOrder('o-3'));
    const second = rig.open();
    await second.send(eventOf(2), new AbortController().signal);
    const again = listenOn(second);
    await vi.waitFor(() => expect(again.ids()).toEqual(['o-2', 'o-3']), PATIENCE);
    await again.stop();
  });

  it('come again where they could not be kept, and nothing behind them goes ahead', async () => {
    const relay = rig.open();
    const full = new Error('the disk is full');
    const listening = listenOn(relay, ({ id }) => {
      if (id === 'o-2') throw full;
    });
    for (const id of ['o-1', 'o-2', 'o-3']) rig.harness().tell(id, wireOrder(id));
    expect(await listening.ended).toBe(full);
    expect(listening.ids()).toEqual(['o-1']);
    const again = listenOn(relay);
    await vi.waitFor(() => expect(again.ids().slice(-2)).toEqual(['o-2', 'o-3']), PATIENCE);
    expect(again.ids().slice(0, -2)).toEqual(again.got.length === 3 ? ['o-1'] : []);
    await again.stop();
  });

  it('and events do not disturb each other', async () => {
    const relay = rig.open();
    const listening = listenOn(relay);
    const numbers = Array.from({ length: 30 }, (_, n) => n);
    const sending = numbers.map((n) => relay.send(eventOf(n), new AbortController().signal));
    for (const n of numbers) rig.harness().tell(`o-${n}`, wireOrder(`o-${n}`));
    await Promise.all(sending);
    // An event that is given up before it was sent leaves the connection alone.
    await expect(relay.send(eventOf(99), AbortSignal.abort())).rejects.toThrow();
    await vi.waitFor(() => expect(listening.ids()).toEqual(numbers.map((n) => `o-${n}`)), PATIENCE);
    expect(await listening.stop()).toBe('ended');
  });
}

/** What may not be acted on, and how receiving ends. */
function testRefusalsAndEnds(rig: InstructionRig): void {
  it('are refused, named and acknowledged where they cannot be read, are too late, or are not for this box', async () => {
    const relay = rig.open();
    const listening = listenOn(relay);
    for (const [id, event] of REFUSED) rig.harness().tell(id, event);
    rig.harness().tell('good', wireOrder('good'));
    await vi.waitFor(() => expect(listening.ids()).toEqual(['good']), PATIENCE);
    const said = warnings(rig.context());
    expect(said).toEqual(
      REFUSED.map(([instruction, , why], n) => ({
        relay: 'room',
        instruction,
        why: expect.stringMatching(why) as string,
        refused: n + 1,
      })),
    );
    expect(listening.refused).toEqual(
      REFUSED.map(([id, , why]) => ({ id, why: expect.stringMatching(why) as string, authentic: true })),
    );
    expect(JSON.stringify([said, listening.refused])).not.toContain(SECRET_TEXT);
    await rig.harness().acknowledged(relay, [...REFUSED.map(([id]) => id), 'good']);
    await listening.stop();
    await relay.close?.();
    const next = listenOn(rig.open());
    rig.harness().tell('last', wireOrder('last'));
    await vi.waitFor(() => expect(next.ids()).toEqual(['last']), PATIENCE);
    expect(warnings(rig.context())).toHaveLength(REFUSED.length);
    await next.stop();
  });

  it('end when they are told to, also before they begin', async () => {
    const relay = rig.open();
    const listening = listenOn(relay);
    rig.harness().tell('o-1', wireOrder('o-1'));
    await vi.waitFor(() => expect(listening.ids()).toEqual(['o-1']), PATIENCE);
    expect(await listening.stop()).toBe('ended');
    rig.harness().tell('o-2', wireOrder('o-2'));
    await relay.send(eventOf(1), new AbortController().signal);
    expect(listening.ids()).toEqual(['o-1']);
    const early = listenOn(relay);
    expect(await early.stop()).toBe('ended');
    await relay.receive!(() => undefined, AbortSignal.abort());
  });

  it('reject when the other side is lost, and when it is not there', async () => {
    const relay = rig.open();
    const listening = listenOn(relay);
    rig.harness().tell('o-1', wireOrder('o-1'));
    await vi.waitFor(() => expect(listening.ids()).toEqual(['o-1']), PATIENCE);
    await rig.harness().stop();
    expect(await listening.ended).toBeInstanceOf(Error);
    expect(String(await listenOn(relay).ended)).toMatch(/127\.0\.0\.1:\d+: nothing listens there/);
  });
}
