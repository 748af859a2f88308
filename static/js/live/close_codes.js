// What a close code asks of the client (docs/protocol.md). Pure.

/**
 * again: back off, then resume. soon: resume at once, jittered. later: wait long.
 * ask: the HTTP twin says whether we are still signed in. stop: do not come back.
 * @typedef {"again" | "soon" | "later" | "ask" | "stop"} Answer
 */

/** @type {Readonly<Record<number, Answer>>} */
const ANSWERS = {
  1009: "stop", // a frame of ours was too large: the same frame would be so again
  4401: "ask", // a password change ends the socket of a browser that is still signed in
  4403: "stop",
  4404: "stop",
  4408: "soon",
  4429: "later",
};

/**
 * @param {number} code
 * @returns {Answer}
 */
export function afterClose(code) {
  return ANSWERS[code] ?? "again";
}
