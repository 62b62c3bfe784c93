/** A simulated camera that answers probes of WS-Discovery on one interface. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';

const GROUP = '239.255.255.250';
const PORT = 3702;

export interface SimulatedDiscovery {
  /** Of the interface on which it listens. */
  readonly address: string;
  /** It answers to probes of this type alone; to all unless told. */
  readonly onlyTo?: string;
  /** What it says of itself. */
  readonly scopes: readonly string[];
  readonly xaddrs: readonly string[];
  /** Sent in place of an answer. */
  readonly instead?: string;
}

export async function answerProbes({ address, onlyTo, scopes, xaddrs, instead }: SimulatedDiscovery) {
  const socket = createSocket({ type: 'udp4', reuseAddr: true });
  const probes: string[] = [];
  socket.bind(PORT);
  await once(socket, 'listening');
  socket.addMembership(GROUP, address);
  socket.on('message', (bytes, from) => {
    const text = bytes.toString('utf8');
    const [, types] = /<(?:\w+:)?Types>([^<]*)</.exec(text) ?? [];
    if (types === undefined) return;
    probes.push(types);
    if (onlyTo !== undefined && types !== onlyTo) return;
    const id = /MessageID>([^<]+)/.exec(text)?.[1] ?? '';
    socket.send(instead ?? match(id, scopes, xaddrs), from.port, from.address);
  });
  return {
    /** The types of the probes that it heard. */
    probes,
    close: () => new Promise<void>((resolve) => void socket.close(resolve)),
  };
}

function match(relatesTo: string, scopes: readonly string[], xaddrs: readonly string[]): string {
  const spaces =
    'xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing" xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery" xmlns:dn="http://www.onvif.org/ver10/network/wsdl"';
  return (
    `<?xml version="1.0" encoding="UTF-8"?><s:Envelope ${spaces}><s:Header><a:MessageID>urn:uuid:1</a:MessageID><a:RelatesTo>${relatesTo}</a:RelatesTo></s:Header>` +
    `<s:Body><d:ProbeMatches><d:ProbeMatch><a:EndpointReference><a:Address>urn:uuid:00000000-0000-0000-0000-000000000001</a:Address></a:EndpointReference>` +
    `<d:Types>dn:NetworkVideoTransmitter</d:Types><d:Scopes>${scopes.join(' ')}</d:Scopes><d:XAddrs>${xaddrs.join(' ')}</d:XAddrs><d:MetadataVersion>1</d:MetadataVersion></d:ProbeMatch></d:ProbeMatches></s:Body></s:Envelope>`
  );
}
