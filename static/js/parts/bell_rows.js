// The bell's rows: the newest threads, each with the events that are known of it and those that are unread. While the bell
// is open nothing in it moves: news wait behind their number.

/** @import { UnreadFrame } from "../frames.js" */

import { cap, fromTemplate, notificationPath, sentenceTo, slotsOf, streamOf } from "./rows.js";
import { refreshTimes } from "./times.js";
import { complain } from "./toasts.js";

const ROWS = 10;

/**
 * @typedef {import("./rows.js").Told} Told
 */

export class Bell {
  #menu;
  #rows;
  #news;
  #button;
  #marking;
  #reader;
  #show = ""; // or "unread"
  #isStale = false;
  /** @type {Told[]} */
  #held = [];

  /**
   * @param {HTMLElement} rows
   * @param {import("./marking.js").Marking} marking
   * @param {number} reader  the user's id
   */
  constructor(rows, marking, reader) {
    this.#rows = rows;
    this.#marking = marking;
    this.#reader = reader;
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

  /**
   * Marks, whichever tab or device made them.
   * @param {UnreadFrame} frame
   * @returns {boolean} false where only the server can say which notifications are meant
   */
  mark(frame) {
    for (const row of this.#all()) {
      const isUnread = (/** @type {number} */ id) => changed(frame, row, id) ?? has(row, id);
      paint(row, known(row), known(row).filter(isUnread));
    }
    this.#count();
    const { change, read, unread_again: again } = frame;
    const isPlain = change?.state === "read" || change?.state === "unread";
    if (!isPlain || read?.reason || (again?.mark !== undefined && !change.threads)) this.#isStale = true;
    return again?.mark === undefined && (!read || Boolean(read.event_ids) || read.mark !== undefined);
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
    const row = (unread || old || !this.#show) && made(frame, this.#reader);
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
      if (this.#menu.open) complain("The list could not be loaded. Close the bell and open it to try again.");
    }
  }

  /** Shown at once; should the server refuse, the rows are read anew before they are looked at. @param {SubmitEvent} event */
  #submitted(event) {
    event.preventDefault();
    const form = new FormData(/** @type {HTMLFormElement} */ (event.target), event.submitter);
    /** @type {Record<string, number>} */
    const threads = {};
    /** @type {Record<string, number>} */
    const unread = {};
    for (const row of this.#unread()) {
      const { stream = "", org = "" } = row.dataset;
      threads[stream] = Number(row.dataset.event);
      unread[org] = (unread[org] ?? 0) + unreadOf(row).length;
      paint(row, known(row), []);
    }
    this.#marking.actElsewhere("read", threads, unread, form);
    this.#isStale = true;
    this.#count();
  }
}

/** @param {Told} frame @param {number} reader */
function made(frame, reader) {
  const { excerpt, actor, sentence: _, ...slots } = slotsOf(frame);
  const sentence = sentenceTo(frame, reader).replace(frame.key, "it");
  const line = excerpt ? `${frame.save ? sentence : actor}: “${excerpt}”` : sentence;
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
  if (id <= (change?.threads?.[stream] ?? 0)) return change.state === "unread";
  if (again?.event_ids.includes(id)) return true;
  const upTo = read?.mark !== undefined && !read.reason ? (read.up_to?.[org] ?? 0) : 0;
  return read?.event_ids?.includes(id) || id <= upTo ? false : undefined;
}
