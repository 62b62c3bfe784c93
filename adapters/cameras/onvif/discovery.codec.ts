/** WS-Discovery (April 2005) as cameras speak it: the probe, and what an answer says of its sender. */
import { plainText } from '../../../gateway/contracts/text.ts';
import { readXml } from '../push/xml.codec.ts';

/** Some cameras answer to one of these alone; the empty one is for those that know neither. */
export const PROBE_TYPES = ['dn:NetworkVideoTransmitter', 'tds:Device', ''] as const;

const ADDRESSING = 'http://schemas.xmlsoap.org/ws/2004/08/addressing';
const DISCOVERY = 'http://schemas.xmlsoap.org/ws/2005/04/discovery';

/** `messageId` is a UUID: answers name it. */
export function probe(messageId: string, types: (typeof PROBE_TYPES)[number]): string {
  const names = [
    'xmlns:s="http://www.w3.org/2003/05/soap-envelope"',
    `xmlns:a="${ADDRESSING}"`,
    `xmlns:d="${DISCOVERY}"`,
    'xmlns:dn="http://www.onvif.org/ver10/network/wsdl"',
    'xmlns:tds="http://www.onvif.org/ver10/device/wsdl"',
  ].join(' ');
  return (
    `<?xml version="1.0" encoding="UTF-8"?><s:Envelope ${names}><s:Header>` +
    `<a:MessageID>urn:uuid:${messageId}</a:MessageID>` +
    '<a:To>urn:schemas-xmlsoap-org:ws:2005:04:discovery</a:To>' +
    `<a:Action>${DISCOVERY}/Probe</a:Action></s:Header>` +
    `<s:Body><d:Probe><d:Types>${types}</d:Types></d:Probe></s:Body></s:Envelope>`
  );
}

export interface ProbeMatch {
  /** The message that it answers. */
  readonly relatesTo: string;
  /** Of the first address under which it says that its service is; 80 where it says none. */
  readonly port: number;
  readonly name: string | undefined;
  readonly model: string | undefined;
}

const MATCH = 'Envelope/Body/ProbeMatches/ProbeMatch';
const WANTED = new Set(['Envelope/Header/RelatesTo', `${MATCH}/XAddrs`, `${MATCH}/Scopes`]);
const MAX_NAME = 60;

/** Undefined for what is no answer to a probe: every host of the network may write to the port. */
export function readProbeMatch(text: string): ProbeMatch | undefined {
  let found: ReadonlyMap<string, string>;
  try {
    found = readXml(text, WANTED);
  } catch {
    return undefined;
  }
  const relatesTo = found
    .get('Envelope/Header/RelatesTo')
    ?.trim()
    .replace(/^urn:uuid:/i, '');
  const addresses = found.get(`${MATCH}/XAddrs`)?.trim().split(/\s+/) ?? [];
  const service = addresses.find((address) => URL.canParse(address));
  if (relatesTo === undefined || service === undefined) return undefined;
  const scopes = found.get(`${MATCH}/Scopes`)?.trim().split(/\s+/) ?? [];
  return { relatesTo, port: portOf(new URL(service)), name: scope(scopes, 'name'), model: scope(scopes, 'hardware') };
}

function portOf(url: URL): number {
  return url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port);
}

/** `onvif://www.onvif.org/hardware/DS-2CD` gives `DS-2CD`. */
function scope(scopes: readonly string[], of: string): string | undefined {
  const start = `onvif://www.onvif.org/${of}/`;
  const value = scopes.find((one) => one.toLowerCase().startsWith(start))?.slice(start.length);
  if (value === undefined || value === '') return undefined;
  try {
    return plainText(decodeURIComponent(value), MAX_NAME);
  } catch {
    return plainText(value, MAX_NAME);
  }
}
