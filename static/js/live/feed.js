// What one tab has applied of one address: every task event exactly once and in order, whoever held the
// socket. A tab that finds itself behind reads what it missed from the HTTP twin while later messages wait
// their turn.

/** @import { TwinAnswer } from "../frames.js" */

import { backoff } from "./backoff.js";
import { format, isBehind, judge, newest, parse, position, without } from "./cursor.js";

const MOST_WAITING = 1_000; // beyond this the page is read again, which is cheaper

/**
 * @typedef {import("./frame_order.js").LogFrame} LogFrame
 * @typedef {import("./frame_order.js").Message} Message
 * @typedef {{kind: "here", cursor: string}} Here  where the leading tab stands
 * @typedef {Exclude<Message, {kind: "notice"}> | Here} Step  what moves a feed on
 *
 * @typedef {Object} Page  what a feed needs of the page it feeds
 * @property {(after: string) => Promise<import("./http_twin.js").Verdict>} read
 * @property {(frame: LogFrame) => void} apply
 * @property {(frame: import("./frame_order.js").Welcome) => void} notice  counts that came with a catch-up
 * @property {() => void} reset  read the lists again: calls hold(), later release()
 * @property {(verdict: "signed-out" | "gone") => void} refused
 */

export class Feed {
  /** @type {import("./cursor.js").Cursor} */
  cursor;
  #page;
  #random;
  /** @type {Step[]} */
  #waiting = [];
  #held = false;
  #mending = 0; // number of the catch-up under way; 0 for none
  #mends = 0;
  #lastMends = 0; // catch-ups since the last message that fitted
  /** @type {import("./cursor.js").Cursor | null} */
  #head = null; // where a reset leaves us if the page cannot tell

  /**
   * @param {string} cursor
   * @param {Page} page
   * @param {() => number} random
   */
  constructor(cursor, page, random = Math.random) {
    this.cursor = parse(cursor);
    this.#page = page;
    this.#random = random;
  }

  /** @param {Step} message */
  take(message) {
    if (message.kind === "reset") this.#reset(message.cursor);
    else if (!this.#held && !this.#mending) this.#consider(message);
    else if (this.#waiting.push(message) > MOST_WAITING)
      this.#reset(message.kind === "frame" ? undefined : message.cursor);
  }

  /** The page is being read again: nothing is applied until it is there. */
  hold() {
    this.#held = true;
    this.#mending = 0;
  }

  /**
   * @param {string | null} cursor  where the page stands now; null if that is not known
   */
  release(cursor) {
    if (cursor !== null) this.cursor = parse(cursor);
    else if (this.#head) this.cursor = this.#head;
    this.#head = null;
    this.#held = false;
    this.#drain();
  }

  /** The page goes to sleep: what waits is found again by the cursor. */
  forget() {
    this.#waiting = [];
    this.#mending = 0;
  }

  /** @param {string | number} org */
  leave(org) {
    this.cursor = without(this.cursor, org);
  }

  /** @param {string | undefined} cursor */
  #reset(cursor) {
    this.#head = cursor ? parse(cursor) : null;
    this.#waiting = [];
    this.#page.reset();
  }

  /** @param {Step} message */
  #consider(message) {
    if (message.kind === "frame") this.#considerFrame(message);
    else if (isBehind(this.cursor, parse(message.kind === "advance" ? message.before : message.cursor))) this.#mend();
    else {
      this.#lastMends = 0;
      this.cursor = newest(this.cursor, parse(message.cursor));
    }
  }

  /** @param {Extract<Step, {kind: "frame"}>} message */
  #considerFrame(message) {
    const { frame, before } = message;
    const verdict = judge(position(this.cursor, frame.org_id), frame.position, before);
    if (verdict === "hole") {
      this.#waiting.unshift(message);
      this.#mend();
    } else if (verdict === "apply") {
      this.#lastMends = 0;
      this.#apply(frame);
    }
  }

  /** @param {LogFrame} frame */
  #apply(frame) {
    this.cursor = newest(this.cursor, parse(frame.cursor));
    this.#page.apply(frame);
  }

  async #mend() {
    const mend = (this.#mending = ++this.#mends);
    for (;;) {
      if (this.#lastMends++) await pause(backoff(this.#lastMends, this.#random));
      if (mend !== this.#mending) return;
      const answer = await this.#page.read(format(this.cursor));
      if (mend !== this.#mending) return;
      if (answer.verdict === "ok" && this.#isWhole(answer.body)) return this.#mended(answer.body);
      if (answer.verdict === "signed-out" || answer.verdict === "gone")
        return this.#page.refused(answer.verdict);
    }
  }

  /**
   * Applies what an answer brings.
   * @param {TwinAnswer} body
   * @returns {boolean} false when there is more, which is read at once
   */
  #isWhole(body) {
    if (body.replay.mode !== "resume") return true;
    for (const frame of body.items) {
      if (judge(position(this.cursor, frame.org_id), frame.position, undefined) === "apply")
        this.#apply(frame);
    }
    this.cursor = newest(this.cursor, parse(body.cursor));
    if (body.more) this.#lastMends = 0;
    return !body.more;
  }

  /** @param {TwinAnswer} body */
  #mended(body) {
    this.#mending = 0;
    if (body.replay.mode !== "resume") return this.#reset(body.cursor);
    this.#page.notice({ ...body, type: "welcome" });
    this.#drain();
  }

  #drain() {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const message of waiting) this.take(message);
  }
}

/** @param {number} delay */
function pause(delay) {
  return new Promise((resolve) => setTimeout(resolve, delay));
}
