/** The lines for `cameras` of the configuration, as a person pastes them. */
import { resolve } from 'node:path';
import type { CameraAddress, CameraDescription } from '../../contracts/onvif.ts';
import type { StreamChoice } from './choice.ts';
import type { GivenLogin } from './login.ts';

const MAX_ID = 32;
const ONVIF_PORT = 80;

/** Texts are quoted as JSON, which YAML reads. */
export function configurationOf(
  { port }: CameraAddress,
  { identity }: CameraDescription,
  { stream }: StreamChoice,
  login: GivenLogin | undefined,
): string {
  const id = `camera-${identity.address.toLowerCase().replace(/[^a-z0-9]+/g, '-')}`.slice(0, MAX_ID);
  return [
    `  - id: ${id}`,
    '    kind: rtsp',
    `    url: ${JSON.stringify(stream.url)}`,
    ...(login
      ? [`    user: ${JSON.stringify(login.user)}`, `    password: ${JSON.stringify(`file:${resolve(login.file)}`)}`]
      : []),
    `    onvif: ${port === ONVIF_PORT ? 'true' : `{ port: ${port} }`}`,
  ].join('\n');
}
