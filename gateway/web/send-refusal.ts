/** Refusals of the web server outside of the API: its form, both languages, and nothing of the request. */
import type { FastifyReply } from 'fastify';
import { joined, type Message } from '../contracts/words/words.ts';
import { refuse, type Refusal } from '../people/refusal.ts';

export function sendRefusal(reply: FastifyReply, statusCode: number, { code, en, zh }: Message): FastifyReply {
  return reply.code(statusCode).header('cache-control', 'no-store').send({ statusCode, code, message: en, zh });
}

/** Names the gate lanes that there are, not the one that was asked for. */
export function noLane(lanes: readonly string[]): Refusal {
  return lanes.length > 0 ? refuse('web-no-lane', { lanes: joined(lanes) }) : refuse('web-no-lanes');
}
