/** What the API answers where it does not do what was asked: a status, a code of the catalogue, and words in both languages. */
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Log } from '../../contracts/base.ts';
import { whatAndWhere } from '../../contracts/errors.ts';
import { joined, words, type Code } from '../../contracts/words/words.ts';
import type { Words } from '../../contracts/words/area.ts';
import { isRefusal, refuse, type Refusal } from '../../people/refusal.ts';
import { isRefusal as isRefusedByStore } from '../../store/connection/health.ts';

export const refusalSchema = z.object({
  statusCode: z.int(),
  /** Stable; programs go by it. */
  code: z.string(),
  message: z.string(),
  zh: z.string(),
});

/** Every route of the API has these answers. */
export const REFUSALS = { '4xx': refusalSchema, '5xx': refusalSchema };

/** Thrown where a room refuses. */
export class RefusedError extends Error {
  readonly refusal: Refusal;
  constructor(refusal: Refusal) {
    super(refusal.refused.en);
    this.refusal = refusal;
  }
}

/** What a room answers, unless it refuses. */
export function allowed<T>(answer: T | Refusal): T {
  if (isRefusal(answer as object | undefined)) throw new RefusedError(answer as Refusal);
  return answer as T;
}

/** 409 for all others: the state of the box does not allow it. */
const STATUS: Partial<Record<Code, number>> = {
  'api-failed': 500,
  'api-foreign': 403,
  'api-body-json': 400,
  'api-body-large': 413,
  'api-body-type': 415,
  'api-form': 400,
  'api-csrf': 403,
  'api-not-set-up': 503,
  'api-no-crew': 404,
  'api-other-lane': 403,
  'api-role': 403,
  'api-store': 503,
  'api-streams': 503,
  'api-too-fast': 429,
  'api-unknown-sos': 404,
  'code-expired': 401,
  'code-unknown': 401,
  'code-used': 401,
  'handover-fewer-rights': 403,
  'handover-one-person': 400,
  'handover-until': 400,
  'login-busy': 503,
  'login-disabled': 401,
  'login-wait': 429,
  'login-wrong': 401,
  'person-backer-role': 403,
  'person-backers': 403,
  'person-judges-later': 403,
  'person-no-officer': 403,
  'person-unknown': 404,
  'pin-missing': 401,
  'pin-tries': 401,
  'pin-wrong': 401,
  'review-not-allowed': 403,
  'review-unknown-hit': 404,
  'review-unreadable': 503,
  'session-ended': 401,
  'setup-code-unknown': 401,
  'session-idle': 401,
  'session-not-proved': 403,
  'session-revoke-role': 403,
  'session-unknown': 404,
  'web-no-lane': 404,
  'web-no-lanes': 404,
};

export function statusOf({ refused }: Refusal): number {
  return STATUS[refused.code] ?? 409;
}

/** Answers in our own words: those of a library could repeat what was sent. */
export function answerErrors(log: Log) {
  return (error: FastifyError, _request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const refusal = refusalOf(error);
    if (refusal.refused.code === 'api-failed') log.error({ cause: whatAndWhere(error) }, 'the API failed');
    const statusCode = statusOf(refusal);
    const { code, en, zh } = refusal.refused;
    return reply.code(statusCode).header('cache-control', 'no-store').send({ statusCode, code, message: en, zh });
  };
}

/** What Fastify says of a body that it does not hand on. */
const BODY: Readonly<Record<string, 'api-body-json' | 'api-body-large' | 'api-body-type' | undefined>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'api-body-large',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'api-body-json',
  FST_ERR_CTP_INVALID_JSON_BODY: 'api-body-json',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'api-body-type',
};

/** zod says what it expected, and repeats no value. */
function whereAndWhat({ instancePath, message }: { readonly instancePath: string; readonly message?: string }): Words {
  const [where, problem] = [instancePath || '/', message ?? ''];
  return problem === '' ? { en: where, zh: where } : words('api-form-place', { where, problem });
}

export function refusalOf(error: FastifyError): Refusal {
  if (error instanceof RefusedError) return error.refusal;
  if (isRefusedByStore(error)) return refuse('api-store');
  if (hasZodFastifySchemaValidationErrors(error))
    return refuse('api-form', { where: joined(error.validation.map(whereAndWhat)) });
  if (error.code?.startsWith('FST_CSRF')) return refuse('api-csrf');
  const ofBody = BODY[error.code];
  if (ofBody) return refuse(ofBody);
  if (error.statusCode === 429) return refuse('api-too-fast');
  return (error.statusCode ?? 500) < 500 ? refuse('api-form', { where: '/' }) : refuse('api-failed');
}
