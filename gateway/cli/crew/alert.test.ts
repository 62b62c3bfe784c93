/** `sitebox alert` on a real store, beside the parts of a running gateway. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { endAlert, markAlertsDelivered, markTold, recordAlert, untoldEnds } from '../../store/alerts.ts';
import { openCliRig, type CliRig } from './crew.fixtures.ts';

const HIT = '01KDQ5V7M0ZQ4X8T2B6N9C3R1A';
const AT = Date.UTC(2026, 10, 21, 8);

let rig: CliRig;
beforeEach(() => {
  rig = openCliRig();
  const devices = ['cam-1', 'cam-2', 'cam-3'].map((device) => ({ device, connected: device !== 'cam-3' }));
  recordAlert(rig.db, { hit: HIT, id: 'A-1', stage: 'one-opinion', at: AT }, devices);
});
afterEach(() => rig.close());

const list = async (...args: string[]) => (await rig.sitebox('alert', 'list', ...args)).out.trimEnd().split('\n');

it('list says what each device knows, before the end and after it', async () => {
  markAlertsDelivered(rig.db, [{ hit: HIT, id: 'A-1', device: 'cam-1', at: AT + 1_000 }]);
  expect(await list()).toEqual([
    `${HIT}  2026-11-21T08:00:00Z  one opinion, not reviewed`,
    '  cam-1  has it  2026-11-21T08:00:01Z',
    '  cam-2  sent, not acknowledged  2026-11-21T08:00:00Z',
    '  cam-3  is away, has not got it',
  ]);
  endAlert(rig.db, HIT, 'dismissed', rig.outbox);
  markTold(rig.db, [{ ...untoldEnds(rig.db, 1)[0]!, at: AT + 2_000 }]);
  const [head, ...devices] = await list();
  expect(head).toMatch(/ {2}one opinion, not reviewed {2}ended \S+: dismissed$/);
  expect(devices).toEqual([
    '  cam-1  knows the end  2026-11-21T08:00:02Z',
    '  cam-2  HAS NOT GOT THE END: call by radio  2026-11-21T08:00:00Z',
    '  cam-3  never got it, and never will',
  ]);
});

it('told enters that a person called by radio: audited, in the event for the room, once', async () => {
  const by = ['--by', 'Chief 1'];
  expect(await rig.sitebox('alert', 'told', HIT, 'cam-2', ...by)).toMatchObject({ code: 1 });
  endAlert(rig.db, HIT, 'outcome', rig.outbox);
  expect(await rig.sitebox('alert', 'told', HIT, 'cam-2', ...by)).toMatchObject({ code: 0 });
  expect(await rig.sitebox('alert', 'told', HIT, 'cam-2', ...by)).toMatchObject({ code: 1 });
  expect(await rig.sitebox('alert', 'told', HIT, 'cam-3', ...by)).toMatchObject({ code: 1 });
  expect(rig.audit()).toEqual(['box: alert ended', 'Chief 1: end of alert told by radio']);
  expect(rig.events().map(({ data }) => data)).toMatchObject([
    { hit: HIT, why: 'outcome', told: [], radio: ['cam-2'], notTold: ['cam-1'] },
  ]);
  expect((await list())[2]).toMatch(/^ {2}cam-2 {2}has not got the end .* told by radio \S+ by Chief 1$/);
});
