// Reading by seeing: notifications of entries that somebody has before their eyes are marked read, one request for a
// burst. What did not reach the server stays unread, here and there, until it is tried again.

import { at } from "./addresses.js";
import { backoff } from "../live/backoff.js";
import { send } from "./marking.js";

const BURST = 300; // milliseconds in which more may come

export class Reading {
  #marks;
  #cookie;
  #org;
  /** @type {Map<string, HTMLElement>} what was seen, by event id, and is not read yet */
  #waiting = new Map();
  #timer = 0;
  #failures = 0;

  /**
   * @param {import("./marking.js").Marks} marks
   * @param {string} cookie  the name of the one that holds the forms' token
   * @param {string} org  id
   */
  constructor(marks, cookie, org) {
    this.#marks = marks;
    this.#cookie = cookie;
    this.#org = org;
  }

  /** @param {HTMLElement[]} entries */
  saw(entries) {
    for (const entry of entries) {
      const id = entry.dataset.event ?? "";
      if (!("unread" in entry.dataset) || this.#waiting.has(id)) continue;
      this.#waiting.set(id, entry);
      this.#marks.guess(id, this.#org, -1);
    }
    if (this.#waiting.size && !this.#timer) this.#plan(BURST);
  }

  /** @param {number} wait */
  #plan(wait) {
    this.#timer = setTimeout(() => void this.#read(), wait);
  }

  async #read() {
    const ids = [...this.#waiting.keys()];
    if (this.#failures) for (const id of ids) this.#marks.guess(id, this.#org, -1);
    const body = new FormData();
    body.append("act", "read");
    for (const id of ids) body.append("event_ids", id);
    const { revision, complaint } = await send(at("inbox/mark/"), body, this.#cookie);
    this.#timer = 0;
    for (const id of ids) this.#marks.settle(id, revision);
    if (complaint) return this.#plan(backoff(this.#failures++, Math.random));
    this.#failures = 0;
    for (const id of ids) {
      document.getElementById(`event-${id}`)?.removeAttribute("data-unread");
      this.#waiting.delete(id);
    }
    if (this.#waiting.size) this.#plan(BURST);
  }
}
