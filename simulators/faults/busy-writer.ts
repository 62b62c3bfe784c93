/** A process that commits to the store of a folder every few milliseconds until it is ended, as a busy box does. */
import { openDb, setMeta } from '../../gateway/store/db.ts';
import { takeRoomMessage } from '../../gateway/store/orders.ts';

const EVERY_MS = 5;

const folder = process.argv[2];
if (folder === undefined) throw new Error('usage: busy-writer.ts FOLDER');
const db = openDb(folder);
let written = 0;
setInterval(() => {
  written++;
  db.write(() => {
    takeRoomMessage(db, `busy-${written}`, written);
    setMeta(db, 'written', String(written));
  });
  if (written === 1) process.send?.('writing');
}, EVERY_MS);
