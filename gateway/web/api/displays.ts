/** Tokens of lane displays: a code that the display scans once within ten minutes, for a cookie that is bound to its lane. */
import { z } from 'zod';
import { DISPLAY_CODE_MS } from '../../people/display-codes.ts';
import type { Api, ApiRooms } from './rooms.ts';
import { DISPLAY_COOKIE, giveCookie } from './cookies.ts';
import { allowed, RefusedError, REFUSALS } from './errors.ts';
import { CREDENTIALS, WRITES } from './limits.ts';
import { laneId } from './schemas.ts';
import { noLane } from '../send-refusal.ts';
import { qrSvg } from '../qr.ts';

/** The box ends the token after a year too. */
export const DISPLAY_COOKIE_S = 365 * 24 * 3_600;

/** The page on which a display takes its code. */
export function displayPath(code: string): string {
  return `/display?code=${code}`;
}

export function displayRoutes(api: Api, { sessions }: ApiRooms, lanes: readonly string[]): void {
  api.post(
    '/lanes/:lane/display-codes',
    {
      config: { access: ['officer', 'technician'], rateLimit: WRITES },
      schema: {
        summary: 'A code for the display of a lane',
        params: z.object({ lane: laneId }),
        body: z.object({}),
        response: {
          201: z.object({
            code: z.string(),
            path: z.string(),
            validS: z.int(),
            /** A QR code, SVG: the path at the address by which the request came. */
            svg: z.string(),
          }),
          ...REFUSALS,
        },
      },
    },
    async (request, reply) => {
      const { lane } = request.params;
      if (!lanes.includes(lane)) throw new RefusedError(noLane(lanes));
      const code = sessions.makeDisplayCode(lane, request.holder!.person!.serviceNumber);
      const path = displayPath(code);
      const svg = qrSvg(`${request.protocol}://${request.host}${path}`);
      return await reply.code(201).send({ code, path, validS: DISPLAY_CODE_MS / 1000, svg });
    },
  );
  api.post(
    '/displays',
    {
      config: { access: 'login', rateLimit: CREDENTIALS },
      schema: {
        summary: 'Take the code for the token of the display',
        body: z.object({ code: z.string().min(1).max(100) }),
        response: { 201: z.object({ lane: z.string() }), ...REFUSALS },
      },
    },
    async ({ body, ip }, reply) => {
      const { token, session } = allowed(sessions.openLane(body.code, ip));
      giveCookie(reply, DISPLAY_COOKIE, token, { maxAge: DISPLAY_COOKIE_S });
      return await reply.code(201).send({ lane: session.lane ?? '' });
    },
  );
}
