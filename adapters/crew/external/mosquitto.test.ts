/** The box at Debian's mosquitto, MQTT 5 and 3.1.1, with the access rules of the README. */
import { expect, it } from 'vitest';
import { startRoomBroker } from '../../../simulators/command-room/broker.ts';
import {
  atEnd,
  conformsAt,
  passwords,
  rulesOf,
  trespasses,
  type RuledBroker,
} from '../../../simulators/conformance/external-broker.ts';

const files = { passwords: passwords(['sitebox', 'cam-1', 'cam-2', 'drone-1']), acl: rulesOf('mosquitto') };
const config = ['allow_anonymous false', 'password_file FOLDER/passwords', 'acl_file FOLDER/acl'];
const open = (): Promise<RuledBroker> => startRoomBroker({ config, files });

conformsAt('MQTT 5', {}, open);
conformsAt('MQTT 3.1.1', { protocolVersion: 4 }, open);

it('rules that let everybody do everything would be noticed', async () => {
  const open = await startRoomBroker({ config, files: { ...files, acl: 'pattern readwrite #\n' } });
  atEnd(() => open.close());
  const { heard, overheard } = await trespasses(open.url, {});
  expect(heard).toEqual(['cam-2 1', 'cam-2 7']);
  expect(overheard).toContain('bodycam/v1/cam-2/cmd');
});
