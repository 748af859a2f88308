// The bell's rows: the newest threads, each with the events that are known of it and those that are unread. While the bell
// is open nothing in it moves: news wait behind their number.

/** @import { UnreadFrame } from "../frames.js" */

import { post } from "./posting.js";
import { cap, fromTemplate, notificationPath, slotsOf, streamOf } from "./rows.js";
import { refreshTimes } from "./times.js";
import { complain } from "./toasts.js";

const ROWS = 10;

/**
 * @typedef {import("./rows.js").Told} Told
 * @typedef {Object} Marks
 * @property {(id: string, org: string, by: 1 | -1) => void} guess
 * @property {(id: string, revision: number | null) => void} settle
 */

export class Bell {
  #menu;
  #rows;
  #news;
  #button;
  #marks;
  #cookie;
  #show = ""; // or "unread"
  #isStale = false;
  /** @type {Told[]} */
  #held = [];

  /**
   * @param {HTMLElement} rows
   * @param {Marks} marks
   * @param {string} cookie  the name of the one that holds the forms' token
   */
  constructor(rows, marks, cookie) {
    this.#rows = rows;
    this.#marks = marks;
    this.#cookie = cookie;
    this.#menu = /** @type {HTMLDetailsElement} */ (rows.closest("details"));
    this.#news = /** @type {HTMLButtonElement} */ (this.#menu.querySelector(".bell-news"));
    this.#button = /** @type {HTMLButtonElement} */ (this.#menu.querySelector(".bell-mark"));
    this.#menu.addEventListener("toggle", () => (this.#menu.open ? this.#refresh() : this.#release()));
    for (const kind of ["pointerenter", "focus"])
      this.#menu.querySelector("summary")?.addEventListener(kind, () => this.#refresh());
    this.#menu.addEventListener("click", (event) => this.#clicked(event));
    this.#menu.addEventListener("submit", (event) => this.#submitted(event));
  }

  /** An event that the reader is told of. @param {Told} frame */
  ring(frame) {
    if (!this.#menu.open) return this.#take(frame);
    this.#held.push(frame);
    this.#count();
  }

  /** Marks, whichever tab or device made them. @param {UnreadFrame} frame */
  mark(frame) {
    for (const row of this.#all()) {
      const isUnread = (/** @type {number} */ id) => changed(frame, row, id) ?? has(row, id);
      paint(row, known(row), known(row).filter(isUnread));
    }
    this.#count();
    const { change, read, unread_again: again } = frame;
    const isPlain = (change.state === "read" || change.state === "unread") && !read?.reason;
    if (!isPlain || (again?.mark !== undefined && !change.threads)) this.#isStale = true;
  }

  /** The page was read again, and brought all threads. */
  renewed() {
    this.#isStale = this.#menu.open || this.#show !== "";
    if (!this.#isStale) this.#held = [];
    this.#count();
  }

  #all() {
    return /** @type {HTMLElement[]} */ ([...this.#rows.querySelectorAll(".bell-row")]);
  }

  #unread() {
    return this.#all().filter((row) => row.dataset.unreadEvents);
  }

  /** Put it on top, in place of its thread's row. @param {Told} frame */
  #take(frame) {
    const { id, unread } = frame.notification;
    const old = this.#all().find((row) => row.dataset.stream === streamOf(frame));
    if (old && Number(old.dataset.event) >= id) return;
    const ids = old ? known(old) : [];
    const row = (unread || old || !this.#show) && made(frame);
    if (!row) return;
    paint(row, [id, ...ids], [...(unread ? [id] : []), ...ids.filter((one) => old && has(old, one))]);
    old?.remove();
    this.#rows.prepend(row);
    refreshTimes(row);
    cap(this.#rows, ".bell-row", ROWS);
    this.#count();
  }

  #count() {
    const waiting = this.#held.length;
    this.#news.hidden = waiting === 0;
    this.#news.textContent = `${waiting} new`;
    const unread = this.#unread().length;
    this.#button.hidden = unread === 0;
    this.#button.textContent = unread === 1 ? "Mark this read" : `Mark these ${unread} read`;
  }

  #release() {
    const held = this.#held;
    this.#held = [];
    for (const frame of held) this.#take(frame);
    this.#count();
  }

  /** Where only the server can say what the rows are, it is asked when somebody is about to look. */
  #refresh() {
    if (this.#isStale) this.#read();
  }

  /** @param {Event} event */
  #clicked(event) {
    const target = /** @type {Element} */ (event.target);
    if (target === this.#news) {
      this.#release();
      this.#rows.scrollTop = 0;
      return this.#rows.querySelector("a")?.focus();
    }
    const tab = /** @type {HTMLElement | null} */ (target.closest(".bell-tab"));
    const { ctrlKey, metaKey, shiftKey } = /** @type {MouseEvent} */ (event);
    if (!tab || ctrlKey || metaKey || shiftKey) return;
    event.preventDefault();
    this.#show = tab.dataset.show ?? "";
    for (const one of this.#menu.querySelectorAll(".bell-tab")) one.removeAttribute("aria-current");
    tab.setAttribute("aria-current", "true");
    this.#read();
  }

  /** The rows as the server has them. */
  async #read() {
    this.#isStale = false;
    const asked = this.#show;
    try {
      const response = await fetch(`${this.#rows.dataset.source}?show=${asked}`, { cache: "no-store" });
      if (!response.ok || response.redirected) throw new Error(String(response.status));
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      if (asked !== this.#show) return;
      this.#rows.replaceChildren(...page.body.childNodes);
      refreshTimes(this.#rows);
      this.#release();
    } catch {
      this.#isStale = true;
      if (this.#menu.open) complain("The list could not be read. Open the bell again to try once more.");
    }
  }

  /** @param {SubmitEvent} event */
  async #submitted(event) {
    event.preventDefault();
    const form = /** @type {HTMLFormElement} */ (event.target);
    const body = new FormData(form, event.submitter);
    const marked = this.#unread().map((row) => ({ row, org: row.dataset.org ?? "", ids: unreadOf(row) }));
    for (const { row, org, ids } of marked) {
      for (const id of ids) this.#marks.guess(String(id), org, -1);
      paint(row, known(row), []);
    }
    this.#count();
    const { revision, complaint } = await post(form.action, body, this.#cookie);
    for (const { row, ids } of marked) {
      for (const id of ids) this.#marks.settle(String(id), revision);
      if (complaint) paint(row, known(row), ids);
    }
    if (complaint) complain(complaint);
    this.#count();
  }
}

/** @param {Told} frame */
function made(frame) {
  const { excerpt, actor, sentence, ...slots } = slotsOf(frame);
  const line = excerpt ? `${actor}: “${excerpt}”` : sentence.replace(frame.key, "it");
  const row = fromTemplate("bell-row-template", { ...slots, key: frame.key, line });
  if (!row) return null;
  Object.assign(row.dataset, { stream: streamOf(frame), event: frame.notification.id, org: frame.org_id });
  row.querySelector("a")?.setAttribute("href", notificationPath(frame));
  return row;
}

/**
 * @param {HTMLElement} row
 * @param {number[]} ids
 * @param {number[]} unread
 */
function paint(row, ids, unread) {
  row.dataset.known = ids.join(" ");
  row.dataset.unreadEvents = unread.join(" ");
  row.classList.toggle("is-unread", unread.length > 0);
  const count = /** @type {HTMLElement} */ (row.querySelector("[data-slot='count']"));
  count.textContent = String(unread.length);
  count.hidden = unread.length === 0;
  const field = /** @type {HTMLInputElement} */ (row.querySelector("input[name='threads']"));
  field.value = `${row.dataset.stream}:${row.dataset.event}`;
  field.disabled = unread.length === 0;
}

/** @param {HTMLElement} row */
function known(row) {
  return numbers(row.dataset.known);
}

/** @param {HTMLElement} row */
function unreadOf(row) {
  return numbers(row.dataset.unreadEvents);
}

/** @param {HTMLElement} row @param {number} id */
function has(row, id) {
  return unreadOf(row).includes(id);
}

/** @param {string | undefined} text */
function numbers(text) {
  return (text ?? "").split(" ").filter(Boolean).map(Number);
}

/**
 * Whether a frame makes an event of the row unread or not; undefined where it says nothing of it.
 * @param {UnreadFrame} frame
 * @param {HTMLElement} row
 * @param {number} id
 */
function changed({ change, read, unread_again: again }, row, id) {
  const { stream = "", org = "" } = row.dataset;
  if (id <= (change.threads?.[stream] ?? 0)) return change.state === "unread";
  if (again?.event_ids.includes(id)) return true;
  const upTo = read?.mark !== undefined && !read.reason ? (read.up_to?.[org] ?? 0) : 0;
  return read?.event_ids?.includes(id) || id <= upTo ? false : undefined;
}
