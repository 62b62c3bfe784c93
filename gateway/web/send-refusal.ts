/** Refusals of the web server: one sentence, which repeats nothing of the request. */
import type { FastifyReply } from 'fastify';

export function sendRefusal(reply: FastifyReply, statusCode: number, message: string): FastifyReply {
  return reply.code(statusCode).header('cache-control', 'no-store').send({ statusCode, message });
}
