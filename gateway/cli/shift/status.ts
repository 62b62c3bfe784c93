/** `npx sitebox status`: what a person has to know now, beside a running box or without one. Exit 0 done, 64 wrong use, 74 store, 78 configuration. */
import { SHIFT_LENGTH_MS } from '../../people/handovers.ts';
import { gatewayOn } from '../../store/connection/lock.ts';
import { say } from '../language.ts';
import { onBox, type Box } from '../on-box.ts';
import { BoxVerb, type Verb } from '../verb.ts';
import { linesOf, sheetOf, sheetSections, type Section } from './sheet.ts';

export function statusCommand(): Verb {
  return new BoxVerb('status', 'help-status')
    .option('--json', say('help-status-json'), false)
    .action(({ config, json }: { config: string; json: boolean }) => onBox(config, (box) => print(box, json)));
}

function print(box: Box, json: boolean): void {
  const { site, box: name, storage } = box.config;
  const pid = gatewayOn(storage.folder);
  const sheet = sheetOf(box, box.clock.now() + SHIFT_LENGTH_MS);
  if (json) return console.log(JSON.stringify({ site, box: name, running: pid !== undefined, ...sheet }, null, 2));
  const running: Section = {
    label: say('shift-box'),
    value:
      pid === undefined
        ? say('shift-box-stopped', { site, box: name })
        : say('shift-box-running', { site, box: name, pid }),
    rows: [],
  };
  for (const line of linesOf([running, ...sheetSections(sheet, pid !== undefined)])) console.log(line);
}
