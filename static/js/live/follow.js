// Follows a stream with a token: for pages of other origins, which import it from the installation (docs/clients.md). Our
// own pages have a cookie, and share a socket (`stream.js`).

import { backoff, longBackoff } from "./backoff.js";
import { afterClose } from "./close_codes.js";

const SILENCE = 30_000; // the server says something each 15 seconds
const STOPS = [400, 401, 403, 404]; // asking again would not help
const TOO_MANY = 429;

/** @typedef {import("../frames.js").OrgStreamFrame | import("../frames.js").UserStreamFrame} Frame */

/** It will be refused again; the message says to a person what to do. */
export class Refused extends Error {
  /**
   * @param {number} status
   * @param {string} message
   */
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/**
 * Gives each frame once and in order, for ever, whatever breaks meanwhile. Throws Refused.
 * @param {string} url  of the installation
 * @param {string} token
 * @param {{org?: string, after?: string}} [from]  an organization's log and not what is addressed to the user; a cursor
 * @returns {AsyncGenerator<Exclude<Frame, {type: "close"}>, never>}
 */
export async function* follow(url, token, { org, after } = {}) {
  const address = `${url.replace(/\/$/, "")}/api/v1/${org ? `orgs/${encodeURIComponent(org)}/` : ""}stream`;
  for (let failures = 0; ; failures += 1) {
    let isPatient = false;
    try {
      for await (const { id, frame } of read(address, token, after)) {
        if (frame.type === "close") isPatient = afterClose(frame.code) === "later";
        else yield frame;
        after = id || after;
        failures = 0;
      }
    } catch (error) {
      if (error instanceof Refused && STOPS.includes(error.status)) throw error;
      isPatient = error instanceof Refused && error.status === TOO_MANY;
    }
    const wait = isPatient ? longBackoff(Math.random) : backoff(failures, Math.random);
    await new Promise((resolve) => setTimeout(resolve, wait));
  }
}

/**
 * One stream, from its beginning to its loss.
 * @param {string} address
 * @param {string} token
 * @param {string | undefined} after
 * @returns {AsyncGenerator<{id: string, frame: Frame}, void>}
 */
async function* read(address, token, after) {
  const over = new AbortController();
  try {
    const headers = { Authorization: `Bearer ${token}`, ...(after && { "Last-Event-ID": after }) };
    const answer = await spoken(fetch(address, { headers, cache: "no-store", signal: over.signal }), over);
    if (!answer.ok || !answer.body) throw await refusal(answer);
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    for (let text = ""; ; ) {
      const { done, value } = await spoken(reader.read(), over);
      if (done) return;
      const messages = (text + value).split("\n\n");
      text = messages.pop() ?? "";
      for (const message of messages) {
        const data = /^data: (.*)$/m.exec(message)?.[1];
        if (data) yield { id: /^id: (.*)$/m.exec(message)?.[1] ?? "", frame: JSON.parse(data) };
      }
    }
  } finally {
    over.abort();
  }
}

/**
 * Ends what is silent for too long.
 * @template T
 * @param {Promise<T>} word
 * @param {AbortController} over
 * @returns {Promise<T>}
 */
async function spoken(word, over) {
  const doubt = setTimeout(() => over.abort(), SILENCE);
  return await word.finally(() => clearTimeout(doubt));
}

/** @param {Response} answer */
async function refusal(answer) {
  const told = await answer.json().catch(() => ({}));
  return new Refused(answer.status, told.detail ?? `The server answered ${answer.status}.`);
}
