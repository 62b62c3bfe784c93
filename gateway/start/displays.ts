/** Whether lane displays follow their lane without a token. */
import type { Accounts } from '../people/accounts.ts';
import { getMeta, setMeta, type Db } from '../store/db.ts';
import type { BoxCertificate } from '../web/tls/certificate.ts';

const HAD_DISPLAYS = 'displaysBeforeAccounts';

/** For a store of a version that knew no tokens: its displays must not go dark before there are people who could make any. */
export function rememberDisplays(db: Db): void {
  setMeta(db, HAD_DISPLAYS, '1');
}

/** On loopback, where only programs of this machine are; and, until the box has accounts, at a site that had displays before. */
export function displaysAreOpen(
  db: Db,
  accounts: Pick<Accounts, 'isSetUp'>,
  certificate: BoxCertificate | undefined,
): boolean {
  return certificate === undefined || (getMeta(db, HAD_DISPLAYS) !== undefined && !accounts.isSetUp());
}
