#!/usr/bin/env node
/**
 * Verifies an export of the audit log of a sitebox. Needs Node 20 or later and nothing else; shares no code with sitebox.
 *
 *   node verify-audit.mjs EXPORT.jsonl PUBLIC-KEY
 *
 * PUBLIC-KEY is what the command room holds for this box: `auditKey` of its health events. The key that the file names proves nothing.
 * Exit code 0: no row was changed, removed, added or moved, up to the head that the box has signed. 1: the first row that does not fit.
 */
import { Buffer } from 'node:buffer';
import { createHash, createPublicKey, verify } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';

const [file, publicKey] = process.argv.slice(2);
if (!file || !publicKey) stop('usage: node verify-audit.mjs EXPORT.jsonl PUBLIC-KEY', 64);

const GENESIS = '0'.repeat(64);
/** `before`: the hash of the row before; undefined after a gap, where it is not known. */
let [source, head, expected, before] = [undefined, undefined, 1, GENESIS];
/** Rows that are not there, and that no row has declared lost yet. */
let missing = [];

const input = createReadStream(file).on('error', ({ code }) => stop(`${file} cannot be read (${code})`, 66));
for await (const line of createInterface({ input })) {
  const value = parse(line);
  if (head) stop('lines follow the signed head');
  if (source === undefined) {
    if (value.export !== 'sitebox audit log' || value.version !== 1) stop('this is no export of an audit log');
    source = value.source;
  } else if (value.head) head = value.head;
  else takeRow(value);
}
const last = `row ${expected - 1}`;
if (!head) stop(`the file is cut off: no signed head follows ${last}`);
if (missing.length > 0) stop(`row ${missing[0][0]} is missing, and no row says why`);
if (head.seq !== expected - 1 || head.hash !== before) stop(`${last} is not row ${head.seq} of the signed head`);
if (head.source !== source || !isSigned()) stop('the head is not signed with this key');
console.log(`whole: ${source}, rows up to ${head.seq}, signed ${head.at}`);

function takeRow({ seq, what, who, detail, hash, ...rest }) {
  const hashAfter = (previous) =>
    createHash('sha256')
      .update(JSON.stringify([previous, seq, rest.atMs, who, what, detail]))
      .digest('hex');
  if (!Number.isSafeInteger(seq) || seq < expected) stop(`row ${seq} is not in its place: expected row ${expected}`);
  if (seq > expected) {
    missing.push([expected, seq - 1]);
    before = undefined;
  }
  if (what === 'audit log started anew' && hash === hashAfter(GENESIS)) {
    // Rows were lost, and the chain begins anew with a row that names them.
    const { why, missing: lost } = JSON.parse(detail);
    missing = missing.filter(([from, to]) => !lost.some(([first, end]) => first <= from && to <= end));
    console.log(`row ${seq} declares rows before it lost (by ${who}): ${why}`);
  } else if (before !== undefined && hash !== hashAfter(before)) stop(`row ${seq}, or the one before it, was altered`);
  [before, expected] = [hash, seq + 1];
}

function isSigned() {
  const text = JSON.stringify(['sitebox audit head', head.source, head.seq, head.hash, head.at]);
  const x = Buffer.from(publicKey, 'base64');
  if (x.length !== 32) stop('the public key is none of a sitebox: expected 44 characters, the last one =', 64);
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: x.toString('base64url') }, format: 'jwk' });
  return verify(null, Buffer.from(text), key, Buffer.from(head.signature, 'base64'));
}

function parse(line) {
  try {
    return JSON.parse(line) ?? {};
  } catch {
    return stop(`a line is not JSON, after row ${expected - 1}`);
  }
}

function stop(why, code = 1) {
  console.error(why);
  process.exit(code);
}
