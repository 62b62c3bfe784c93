/** Cookies of the box: out of reach of scripts, of plain HTTP, of other sites, and of other hosts of its domain (RFC 6265bis, `__Host-`). */
import type { FastifyReply } from 'fastify';

/** Of a person, or of the screen of the duty room. */
export const SESSION_COOKIE = '__Host-session';
/** Of the display of a lane. */
export const DISPLAY_COOKIE = '__Host-display';
/** While the first accounts are entered. */
export const SETUP_COOKIE = '__Host-setup';
/** The secret behind CSRF tokens. */
export const CSRF_COOKIE = '__Host-csrf';

export const COOKIE_OPTIONS = { path: '/', httpOnly: true, secure: true, sameSite: 'strict' } as const;

/** Until the browser closes; the box ends the session when its time is over. */
export function giveCookie(reply: FastifyReply, name: string, token: string, more: { maxAge?: number } = {}): void {
  reply.setCookie(name, token, { ...COOKIE_OPTIONS, ...more });
}

export function takeCookie(reply: FastifyReply, name: string): void {
  reply.clearCookie(name, COOKIE_OPTIONS);
}
