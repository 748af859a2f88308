// How long to wait before the next try. Pure; the randomness is handed in.

const FIRST = 500;
const LONGEST = 30_000;

/** A connection that held this long was a good one: the count of failures starts again. */
export const STABLE = 30_000;

/**
 * random(0, min(30 s, 0.5 s * 2^failures)) in milliseconds.
 * @param {number} failures
 * @param {() => number} random  in [0, 1)
 */
export function backoff(failures, random) {
  return random() * Math.min(LONGEST, FIRST * 2 ** failures);
}

/**
 * After "too many" (4429): half a minute to a minute, so that the server's window of 60 s can empty.
 * @param {() => number} random
 */
export function longBackoff(random) {
  return LONGEST + random() * LONGEST;
}
