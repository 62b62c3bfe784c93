/** How often one address may call a route. What was typed wrong is counted for days by the room of people; this is against floods. */

/** Each takes a hash of 64 MiB. */
export const CREDENTIALS = { max: 30, timeWindow: 60_000 };
export const WRITES = { max: 120, timeWindow: 60_000 };
export const READS = { max: 600, timeWindow: 60_000 };
