/** `npx sitebox alert …`: who was alerted to which hit, and who has to be told by radio that it has ended. Exit 0 done, 1 refused, 64 wrong use, 78 configuration. */
import { alertsOf, markToldByRadio, newestAlerted, type DeviceAlert } from '../../store/alerts.ts';
import { Stop } from '../exit.ts';
import { say, spoken, when } from '../language.ts';
import type { Box } from '../on-box.ts';
import { deviceId, shortText, wholeNumber } from '../options.ts';
import { BoxVerb, group, type Verb } from '../verb.ts';
import { named } from '../../contracts/words/names.ts';
import { words } from '../../contracts/words/words.ts';

export function alertCommand(): Verb {
  return group('alert', 'help-alert', [
    new BoxVerb('list', 'help-alert-list')
      .option('--last <n>', say('help-last'), wholeNumber(1, 10_000), 20)
      .onBox(list),
    new BoxVerb('told', 'help-alert-told')
      .argument('<hit>', say('help-alert-hit'), shortText(64))
      .argument('<device>', say('help-device-id'), deviceId)
      .by('help-alert-by')
      .onBox(told),
  ]);
}

function list({ db }: Box, { last }: { readonly last: number }): void {
  for (const hit of newestAlerted(db, last)) {
    const alerts = alertsOf(db, hit);
    const newest = alerts.reduce((a, b) => (b.at > a.at ? b : a));
    const { stage, at, ended, why } = newest;
    const end =
      ended === undefined ? '' : words('alert-row-ended', { at: when(ended), why: named('alert-end', why ?? '') });
    console.log(say('alert-row', { hit, at: when(at), stage: named('alert-stage', stage), end }));
    for (const alert of alerts) console.log(`  ${deviceLine(alert)}`);
  }
}

function deviceLine(alert: DeviceAlert): string {
  const { device, sent, delivered, told, radio, radioBy } = alert;
  const by = radioBy === undefined ? [] : [say('alert-radio', { at: when(radio), by: radioBy })];
  const since = told ?? delivered ?? sent;
  const times = since === undefined ? [] : [when(since)];
  return [device, spoken(named('alert-state', stateOf(alert))), ...times, ...by].join('  ');
}

/** `dropped`: it ended before the device had it, which never shows it. */
function stateOf({ sent, delivered, ended, told, radio }: DeviceAlert): string {
  if (ended === undefined) return delivered !== undefined ? 'delivered' : sent !== undefined ? 'sent' : 'waiting';
  if (sent === undefined) return 'dropped';
  return told !== undefined ? 'told' : radio !== undefined ? 'radio' : 'untold';
}

function told({ db, outbox }: Box, hit: string, device: string, { by }: { readonly by: string }): void {
  if (!markToldByRadio(db, { hit, device, by }, outbox)) throw new Stop(say('alert-not-untold', { hit, device }));
  console.log(say('alert-told', { hit, device }));
}
