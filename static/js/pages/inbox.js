// The inbox page: new notifications on top of an unfiltered first page, or behind a pill while the reader is
// further down; marks of other tabs and devices on every row of the page, the bell's included.

/** @import { Read, UnreadFrame } from "../frames.js" */

import { showedUpTo } from "../parts/bell.js";
import { offer } from "../parts/keyboard.js";
import { Pill, toFirstPage } from "../parts/new_pill.js";
import { cap, freshen, notificationRow } from "../parts/rows.js";
import { rowSteps } from "../parts/row_steps.js";
import { refreshTimes } from "../parts/times.js";

const MOST = 200;
const TOP = 80; // pixels: scrolled less than this, the reader is still at the top

/** @typedef {import("../parts/rows.js").Told} Told */

export class Inbox {
  #rows;
  #reasons;
  #renew;
  #pill;
  /** @type {Told[]} */
  #held = [];
  #atTop = true; // asking for scrollY with every frame would lay the page out each time

  /**
   * @param {HTMLElement} rows
   * @param {Record<string, string>} reasons  labels
   * @param {() => void} renew  read the page again: a row belongs under another day
   */
  constructor(rows, reasons, renew) {
    this.#rows = rows;
    this.#reasons = reasons;
    this.#renew = renew;
    this.#pill = new Pill(rows, () => this.#wanted());
    addEventListener("scroll", () => this.#scrolled(), { passive: true });
    this.#scrolled();
    offer([
      ...rowSteps("#inbox-rows a[data-slot='link']", "[data-event]"),
      { keys: ["e"], words: "mark the row read or unread", act: toggleRead },
    ]);
  }

  /** @param {Told} frame */
  apply(frame) {
    if (document.querySelector(`#inbox-rows [data-event="${frame.notification.id}"]`))
      return showedUpTo(document.querySelector("main"), frame.cursor);
    if (this.#takesRows() && this.#atTop) return this.#insert(frame);
    this.#held.push(frame);
    this.#held.splice(0, this.#held.length - MOST);
    this.#pill.set(this.#pill.count + 1);
  }

  /** The list was read again: whatever waited is in it. */
  renewed() {
    if (this.#rows.dataset.firstPage !== "1") return;
    this.#held = [];
    this.#pill.set(0);
  }

  #takesRows() {
    return this.#rows.dataset.firstPage === "1" && this.#rows.dataset.filtered === "0";
  }

  #scrolled() {
    this.#atTop = window.scrollY < TOP;
    if (this.#atTop && this.#held.length && this.#takesRows()) this.#release();
  }

  #wanted() {
    if (!this.#takesRows()) return toFirstPage();
    this.#release();
    window.scrollTo({ top: 0 });
  }

  #release() {
    if (this.#pill.count > this.#held.length) return this.#renew(); // more than it holds
    const held = this.#held;
    this.renewed();
    for (const frame of held) this.#insert(frame);
  }

  /** @param {Told} frame */
  #insert(frame) {
    const today = new Date(frame.created_at).toDateString() === new Date().toDateString();
    if (!today) return this.#renew();
    const row = notificationRow("notification-template", frame, this.#reasons);
    if (!row) return;
    this.#today().prepend(row);
    freshen(row);
    refreshTimes(row);
    cap(this.#rows, "[data-event]", MOST);
    showedUpTo(document.querySelector("main"), frame.cursor);
  }

  #today() {
    const found = this.#rows.querySelector("[data-day='Today']");
    if (found) return found;
    const [section, name, panel] = ["section", "h2", "div"].map((tag) => document.createElement(tag));
    Object.assign(section, { className: "day" });
    Object.assign(name, { className: "day-name", textContent: "Today" });
    Object.assign(panel, { className: "panel" });
    panel.dataset.day = "Today";
    section.append(name, panel);
    this.#rows.prepend(section);
    return panel;
  }
}

/**
 * Rows follow the marks in an `unread` frame.
 * @param {UnreadFrame} frame
 * @returns {boolean} false where only the server can say which rows are meant
 */
export function showMarks(frame) {
  const { read, unread_again: again } = frame;
  for (const row of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-event]"))) {
    const id = Number(row.dataset.event);
    if (again?.event_ids.includes(id)) showRead(id, false);
    else if (read?.event_ids?.includes(id) || isWithin(read, row)) showRead(id, true);
  }
  return again?.mark === undefined && (!read || Boolean(read.event_ids) || read.mark !== undefined);
}

/**
 * @param {Read | null} read
 * @param {HTMLElement} row
 */
function isWithin(read, row) {
  if (read?.mark === undefined || (read.reason && read.reason !== row.dataset.reason)) return false;
  return Number(row.dataset.event) <= (read.up_to?.[row.dataset.org ?? ""] ?? 0);
}

/**
 * @param {number | string} id  of the event
 * @param {boolean} read
 */
export function showRead(id, read) {
  for (const row of document.querySelectorAll(`.notification[data-event="${id}"]`)) {
    row.classList.toggle("is-unread", !read);
  }
}

function toggleRead() {
  const row = document.activeElement?.closest("#inbox-rows [data-event]");
  const act = row?.classList.contains("is-unread") ? "read" : "unread";
  /** @type {HTMLElement | null | undefined} */ (row?.querySelector(`[data-act="${act}"]`))?.click();
}
