// Reading by seeing: notifications of entries that somebody has before their eyes are marked read, one request for a
// burst. What did not reach the server stays unread, here and there, until it is tried again.

import { at } from "./addresses.js";
import { backoff } from "../live/backoff.js";
import { post } from "./posting.js";

const BURST = 300; // milliseconds in which more may come

export class Reading {
  #marks;
  #cookie;
  #org;
  /** @type {Set<string>} ids of events that were seen, and are not read yet */
  #waiting = new Set();
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
    for (const id of entries.flatMap(unreadOf)) {
      if (this.#waiting.has(id)) continue;
      this.#waiting.add(id);
      this.#marks.guess(id, this.#org, -1);
    }
    if (this.#waiting.size && !this.#timer) this.#plan(BURST);
  }

  /** @param {number} wait */
  #plan(wait) {
    this.#timer = setTimeout(() => void this.#read(), wait);
  }

  async #read() {
    const ids = [...this.#waiting];
    if (this.#failures) for (const id of ids) this.#marks.guess(id, this.#org, -1);
    const body = new FormData();
    body.append("act", "read");
    for (const id of ids) body.append("event_ids", id);
    const { revision, complaint } = await post(at("inbox/mark/"), body, this.#cookie);
    this.#timer = 0;
    for (const id of ids) this.#marks.settle(id, revision);
    if (complaint) return this.#plan(backoff(this.#failures++, Math.random));
    this.#failures = 0;
    for (const id of ids) this.#waiting.delete(id);
    showRead(ids);
    if (this.#waiting.size) this.#plan(BURST);
  }
}

/** They were read, here or elsewhere. @param {(string | number)[]} eventIds */
export function showRead(eventIds) {
  const read = eventIds.map(String);
  for (const entry of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-unread]"))) {
    const left = unreadOf(entry).filter((id) => !read.includes(id));
    if (left.length) entry.dataset.unread = left.join(" ");
    else delete entry.dataset.unread;
  }
}

/** @param {HTMLElement} entry */
function unreadOf(entry) {
  return (entry.dataset.unread ?? "").split(" ").filter(Boolean);
}
