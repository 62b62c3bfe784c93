/** `sitebox cameras card`: what a camera of the configuration is, for the report when it is stolen. */
import type { Config } from '../../config/config.ts';
import type { CameraIdentity } from '../../contracts/onvif.ts';
import { joined } from '../../contracts/words/words.ts';
import { cameraCard, keepCameraCard } from '../../store/camera-cards.ts';
import { Stop } from '../exit.ts';
import { inColumns, say, when } from '../language.ts';
import { onBox } from '../on-box.ts';
import { BoxVerb, type Verb } from '../verb.ts';

export function cardVerb(): Verb {
  return new BoxVerb('card', 'help-cameras-card')
    .argument('<camera>', say('help-cameras-id'))
    .option('--json', say('help-cameras-json'), false)
    .onBox(({ config, db }, id: string, { json }: { json: boolean }) => {
      const card = cameraCard(db, knownCamera(config, id));
      if (!card) throw new Stop(say('cameras-no-card', { id }));
      if (json) return console.log(JSON.stringify(card, undefined, 2));
      const rows = [
        [say('cameras-card-maker'), `${card.maker} ${card.model}`],
        [say('cameras-card-serial'), card.serial],
        [say('cameras-card-mac'), card.mac ?? '-'],
        [say('cameras-card-address'), card.address],
        [say('cameras-card-firmware'), card.firmware],
        [say('cameras-card-kept'), say('cameras-card-by', { when: when(card.at), who: card.who })],
      ] as const;
      for (const line of [say('cameras-card', { id }), ...inColumns(rows, 2)]) console.log(line);
    });
}

export interface CardOptions {
  readonly id: string;
  readonly config: string;
  readonly who: string;
}

/** Says what it did: another serial number than before is another device. */
export async function keepCard(identity: CameraIdentity, { id, config, who }: CardOptions): Promise<void> {
  await onBox(config, (box) => {
    const card = { ...identity, camera: knownCamera(box.config, id), who, at: box.clock.now() };
    const before = keepCameraCard(box.db, card);
    const isOther = before !== undefined && before.serial !== card.serial;
    console.error(
      isOther ? say('cameras-card-other', { id, before: before.serial }) : say('cameras-card-is-kept', { id }),
    );
  });
}

function knownCamera({ cameras }: Config, id: string): string {
  if (cameras.some((camera) => camera.id === id)) return id;
  throw new Stop(say('cameras-not-configured', { id, ids: joined(cameras.map((camera) => camera.id)) }));
}
