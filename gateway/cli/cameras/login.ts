/** User and password of a camera: read from a file, or asked for and written to it once the camera has taken them. */
import { existsSync, statSync, writeFileSync } from 'node:fs';
import { readSecret } from '../../config/secret.ts';
import type { CameraLogin } from '../../contracts/onvif.ts';
import { EXIT_USAGE, Stop } from '../exit.ts';
import { say, spoken } from '../language.ts';
import { openTerminal } from '../terminal.ts';

export interface GivenLogin extends CameraLogin {
  readonly file: string;
  /** It was typed: the file is not there yet. */
  readonly isNew: boolean;
}

export async function askLogin(user: string | undefined, file: string | undefined): Promise<GivenLogin | undefined> {
  if (user === undefined || file === undefined) return undefined;
  if (!existsSync(file)) return { user, password: await typedPassword(user), file, isNew: true };
  const password = readSecret(`file:${file}`, process.cwd());
  if (typeof password !== 'string') throw new Stop(spoken(password.message), EXIT_USAGE);
  if ((statSync(file).mode & 0o077) !== 0) console.error(say('cameras-password-open', { file }));
  return { user, password, file, isNew: false };
}

async function typedPassword(user: string): Promise<string> {
  const terminal = openTerminal();
  try {
    const password = await terminal.secret(say('cameras-ask-password', { user }));
    if (password === '') throw new Stop(say('cameras-password-empty'), EXIT_USAGE);
    return password;
  } finally {
    terminal.close();
  }
}

/** Never over a file that has come meanwhile. Throws where the folder is not there or not ours. */
export function keepPassword(login: GivenLogin | undefined): void {
  if (!login?.isNew) return;
  writeFileSync(login.file, `${login.password}\n`, { flag: 'wx', mode: 0o600, flush: true });
  console.error(say('cameras-password-written', { file: login.file }));
}
