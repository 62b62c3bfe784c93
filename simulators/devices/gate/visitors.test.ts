import { describe, expect, it } from 'vitest';
import { listedNumbers, USUAL_SHARES, visitorStream, type Visitor } from './visitors.ts';

const stream = (seed: number, count: number, shares = {}): Visitor[] => [...visitorStream({ seed, count, shares })];

describe('visitors of a gate', () => {
  it('are the same for the same seed and others for another', () => {
    expect(stream(1, 30)).toEqual(stream(1, 30));
    expect(stream(1, 30)).not.toEqual(stream(2, 30));
  });

  it('come in the shares that are asked for', () => {
    const all = stream(3, 4000);
    const share = (kind: Visitor['kind']): number => all.filter((v) => v.kind === kind).length / all.length;
    expect(Math.abs(share('listed') - USUAL_SHARES.listed)).toBeLessThan(0.01);
    expect(share('borrowed')).toBeGreaterThan(0.01);
    expect(share('expired')).toBeGreaterThan(0.01);
    expect(share('camera-shy')).toBeGreaterThan(0.02);
    expect(share('plain')).toBeGreaterThan(0.85);
    const only = { listed: 1, borrowed: 0, expired: 0, cameraShy: 0 };
    expect(new Set(stream(3, 20, only).map((v) => v.kind))).toEqual(new Set(['listed']));
  });

  it('refuse shares that are more than everybody', () => {
    expect(() => stream(1, 1, { listed: 0.7, borrowed: 0.7 })).toThrow('together at most 1');
    expect(() => stream(1, 1, { listed: -0.1 })).toThrow('0 or more');
  });

  it('carry what their kind says, and expect what belongs to it', () => {
    const all = stream(5, 600, { listed: 0.2, borrowed: 0.2, expired: 0.2, cameraShy: 0.2 });
    for (const { kind, card, holder, present, shot, expected } of all) {
      expect(card.validUntil < '20200101').toBe(kind === 'expired');
      expect(holder === present).toBe(kind !== 'borrowed');
      expect(shot.people[0]).toMatchObject({ seed: present.seed });
      expect(shot.people[0]!.from === 'behind').toBe(kind === 'camera-shy');
      expect(Buffer.from(card.photo).toString('latin1').split('\n')[1]).toBe(holder.id);
      expect(card.photo.length).toBe(1024);
      const alarm =
        { plain: 'clear', 'camera-shy': 'clear', listed: 'listed' }[kind as string] ?? 'look at the document';
      expect(expected.outcome).toBe(alarm);
    }
    expect(new Set(all.map((v) => v.card.kind))).toEqual(new Set(['resident', 'J', 'I', 'Y']));
    expect(
      listedNumbers({ seed: 5, count: 600, shares: { listed: 0.2, borrowed: 0.2, expired: 0.2, cameraShy: 0.2 } }),
    ).toEqual(all.filter((v) => v.kind === 'listed').map((v) => v.card.number));
  });

  it('have all different numbers and photos, and never the face of the one before', () => {
    const all = stream(8, 1000);
    expect(new Set(all.map((v) => v.card.number)).size).toBe(1000);
    expect(new Set(all.map((v) => Buffer.from(v.card.photo).toString('latin1'))).size).toBe(1000);
    expect(all.every((v, i) => v.present !== all[i - 1]?.present)).toBe(true);
  });
});
