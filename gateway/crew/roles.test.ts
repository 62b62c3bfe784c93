import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { CrewMessage, CrewRole } from '../contracts/crew.ts';
import { maySend, ROLES, visibleTo, type DeviceMessage } from './roles.ts';

const place = { lat: 30.25, lon: 120.125, name: 'north gate' };
const ALERT: CrewMessage = {
  kind: 'alert',
  id: 'A',
  hit: 'H',
  at: 1,
  confirmed: true,
  place,
  what: 'stolen vehicle 皖A12345 at lane 1',
  instruction: 'keep away, call 110',
};
const SOS: CrewMessage = { kind: 'sos', id: 'S', state: 'raised', at: 1, place, device: 'cam-7' };
const ORDER: CrewMessage = { kind: 'order', id: 'O', text: 'close the path', at: 1, place };
const ALL: readonly CrewMessage[] = [
  ...[ALERT, SOS, ORDER],
  { kind: 'acknowledged', id: 'K', sos: 'call-1' },
  { kind: 'interval', id: 'I', seconds: 10 },
];
const PARTNERS: readonly CrewRole[] = ['guard', 'volunteer'];

/** What must never reach a partner, by the words of the messages above. */
function leaks(visible: typeof visibleTo): string[] {
  return PARTNERS.flatMap((role) =>
    ALL.filter((m) => /皖A12345|stolen|cam-7/.test(JSON.stringify(visible(role, m) ?? ''))).map(
      (m) => `${role} ${m.kind}`,
    ),
  );
}

describe('what a role sees', () => {
  it('is everything for officers', () => {
    for (const message of ALL) expect(visibleTo('officer', message)).toEqual(message);
  });

  it('is for partners place and instruction of alerts, place of the SOS of others, and orders whole', () => {
    for (const role of PARTNERS) {
      expect(visibleTo(role, ALERT)).toEqual({
        kind: 'alert',
        id: 'A',
        hit: 'H',
        at: 1,
        confirmed: true,
        instruction: 'keep away, call 110',
        place,
      });
      expect(visibleTo(role, SOS)).toEqual({ kind: 'sos', id: 'S', state: 'raised', at: 1, place });
      for (const message of ALL.slice(2)) expect(visibleTo(role, message)).toEqual(message);
    }
  });

  it('never has who, which vehicle or why for a partner; a filter that forbids instead of allowing is caught', () => {
    expect(leaks(visibleTo)).toEqual([]);
    const forgetful: typeof visibleTo = (role, message) => {
      if (message.kind !== 'alert' || role === 'officer') return message;
      const { what: _what, ...rest } = message;
      return rest;
    };
    expect(leaks(forgetful)).toEqual(['guard sos', 'volunteer sos']);
  });

  it('does not grow when a message does', () => {
    const grown = { ...ALERT, picture: 'face.jpg', place: { ...place, visitor: 'someone' } } as CrewMessage;
    for (const role of Object.keys(ROLES) as CrewRole[]) {
      expect(JSON.stringify(visibleTo(role, grown))).not.toMatch(/face|someone/);
    }
  });

  it('keeps its message untouched', () => {
    const before = JSON.stringify(ALL);
    for (const message of ALL) visibleTo('guard', message);
    expect(JSON.stringify(ALL)).toBe(before);
  });
});

describe('the table', () => {
  it('lets every role call for help, report itself and answer', () => {
    for (const role of Object.keys(ROLES) as CrewRole[]) {
      for (const what of ['sos', 'report', 'answer'] as const) expect(maySend(role, what)).toBe(true);
    }
  });

  it('is that of the documents', () => {
    expect(readFileSync(new URL('../../docs/crew.md', import.meta.url), 'utf8')).toContain(roleTable());
  });
});

const SENDS: Readonly<Record<DeviceMessage, string>> = {
  report: 'position and state of the device',
  sos: 'SOS',
  answer: 'answers to orders',
};

/** The table as the documents have it (Markdown). */
function roleTable(): string {
  const kinds = ['sos', 'order', 'alert'] as const;
  const rows = (Object.keys(ROLES) as CrewRole[]).map((role) => {
    const { sends, sees } = ROLES[role];
    const seen = kinds.map((kind) => sees[kind]?.join(', ') ?? 'nothing');
    return `| \`${role}\` | ${sends.map((s) => SENDS[s]).join(', ')} | ${seen.join(' | ')} |`;
  });
  return [
    '| role | sends | of the SOS of others sees | of an order sees | of an alert sees |',
    '|---|---|---|---|---|',
    ...rows,
  ].join('\n');
}
