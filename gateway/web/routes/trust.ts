/** Where TLS is: plain HTTP from other machines is led there, and a page says how a screen comes to trust the certificate of the box. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { both, escaped, sendPage } from '../pages.ts';
import { isPrivate } from '../tls/one-port.ts';
import type { BoxCertificate } from '../tls/certificate.ts';

export const TRUST_PAGE = '/trust';
const AUTHORITY = '/trust/authority.crt';
/** Answered over plain HTTP too: they hold no secret, and a screen needs them before it can speak TLS. */
const IN_PLAIN = new Set([TRUST_PAGE, AUTHORITY, '/page/plain.css', '/page/icon.svg']);

/** Before every other hook but the one that checks the host, whose name goes into the new address. */
export function leadToTls(app: FastifyInstance, certificate: BoxCertificate): void {
  app.addHook('onRequest', async (request, reply) => {
    if (isPrivate(request.raw) || IN_PLAIN.has(request.url)) return;
    // 308 keeps method and body, so that a program that was set up for http:// goes on once it trusts the box.
    return trustPage(reply.code(308).header('location', `${overTls(request)}${request.url}`), request, certificate);
  });
}

export function serveTrust(app: FastifyInstance, certificate: BoxCertificate): void {
  const config = { access: 'anyone' } as const;
  app.get(TRUST_PAGE, { config }, (request, reply) => trustPage(reply, request, certificate));
  const { authority } = certificate;
  if (!authority) return;
  app.get(AUTHORITY, { config }, (_request, reply) =>
    reply
      .header('cache-control', 'no-store')
      .header('content-disposition', 'attachment; filename="sitebox-authority.crt"')
      .type('application/x-x509-ca-cert')
      .send(authority.certificate),
  );
}

function trustPage(reply: FastifyReply, request: FastifyRequest, { authority }: BoxCertificate): FastifyReply {
  const address = escaped(overTls(request));
  const steps = (['trust-windows', 'trust-android', 'trust-linux'] as const).map((code) => `<li>${both(code)}</li>`);
  const how = authority
    ? `<p><a class="button" href="${AUTHORITY}">${both('trust-download')}</a></p><p>${both('trust-compare')}</p>` +
      `<code>${authority.fingerprint}</code><ol>${steps.join('')}</ol>`
    : `<p>${both('trust-own')}</p>`;
  const then = `<p>${both('trust-then')}<br><a href="${address}/">${address}/</a></p>`;
  return sendPage(reply, 'trust-title', `<p>${both('trust-lead')}</p>${how}${then}`);
}

/** The box under the name that was asked for, which is one of its own. */
function overTls({ raw }: FastifyRequest): string {
  const { localAddress = '', localPort } = raw.socket;
  const own = localAddress.includes(':') ? `[${localAddress.replace(/^::ffff:/, '')}]` : localAddress;
  return `https://${raw.headers.host ?? `${own.replace(/^\[(\d+\.[\d.]+)\]$/, '$1')}:${localPort}`}`;
}
