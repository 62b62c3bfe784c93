/** `npx sitebox new-authority`: another private authority for the web server. It signs from the next start on, and every screen has to trust it. */
import { replaceAuthority } from '../web/tls/certificate.ts';
import { Stop } from './exit.ts';
import { say } from './language.ts';
import type { Box } from './on-box.ts';
import { BoxVerb, type Verb } from './verb.ts';

export function newAuthorityCommand(): Verb {
  return new BoxVerb('new-authority', 'help-new-authority')
    .by()
    .onBox(async ({ config: { site, box, listen }, db, clock }: Box, { by }: { by: string }) => {
      if (listen.tls) throw new Stop(say('new-authority-own'));
      const fingerprint = await replaceAuthority({ db, site, box, now: () => clock.now() }, by);
      console.log(say('new-authority-made', { fingerprint }));
    });
}
