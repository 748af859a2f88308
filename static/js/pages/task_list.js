// The task list of one organization, kept current by its events. Rows change where they stand: nothing jumps or goes
// away under the reader's hand. What is new goes on top of an unfiltered first page while nobody points there, else it
// waits behind a count.

/** @import { TaskEventFrame } from "../frames.js" */

import { showChange, statusOf } from "../parts/task_fields.js";
import { Pill, toFirstPage } from "../parts/new_pill.js";
import { at } from "../parts/addresses.js";
import { offer } from "../parts/keyboard.js";
import { rowSteps, searchKey } from "../parts/row_steps.js";
import { cap, fromTemplate } from "../parts/rows.js";

const MOST = 200;
const TOP = 80; // pixels: scrolled less than this, the reader is still at the top
const ACTIVE = ["open", "in_progress"];
const LINKS = "#task-rows a[data-field='title']";

export class TaskList {
  #rows;
  #words;
  #path;
  #pill;

  /**
   * @param {HTMLElement} rows
   * @param {{statuses: Record<string, string>, slug: string}} boot
   */
  constructor(rows, { statuses, slug }) {
    this.#rows = rows;
    this.#words = { statuses, noDate: "" };
    this.#path = at(`orgs/${slug}/tasks/`);
    this.#pill = new Pill(rows.closest("table") ?? rows, toFirstPage);
    const current = () => /** @type {HTMLElement | null} */ (document.activeElement?.closest("#task-rows [data-task]"));
    const hasCurrent = () => current() !== null;
    offer([
      ...rowSteps(LINKS, "[data-task]"),
      { keys: ["o", "Enter"], words: "open the task", act: () => current()?.querySelector("a")?.click(), when: hasCurrent },
      { keys: ["F2"], words: "edit the title", act: () => current()?.querySelector("button")?.click(), when: hasCurrent },
      searchKey(),
    ]);
  }

  /** @param {TaskEventFrame} frame */
  apply(frame) {
    const row = /** @type {HTMLElement | null} */ (
      this.#rows.querySelector(`[data-task="${CSS.escape(frame.task_id)}"]`)
    );
    if (frame.action === "created") return row ? undefined : this.#created(frame);
    if (frame.action === "imported" && !row) return this.#pill.set(this.#pill.count + 1);
    this.#countActive(frame, row);
    if (!row) return;
    showChange(row, frame, this.#words);
    if (frame.action === "archived" || frame.action === "restored") {
      row.classList.toggle("is-archived", frame.action === "archived");
    }
  }

  /** The list was read again. */
  renewed() {
    if (state().firstPage === "1") this.#pill.set(0);
  }

  /** @param {TaskEventFrame} frame */
  #created(frame) {
    addToActive(1);
    const row = this.#takesNew() ? fromTemplate("task-row-template", {}) : null;
    if (!row) return this.#pill.set(this.#pill.count + 1);
    row.dataset.task = frame.task_id;
    row.dataset.number = String(frame.number);
    const link = row.querySelector("a[data-field='title']");
    link?.setAttribute("href", `${this.#path}${frame.number}/`);
    const key = row.querySelector("[data-field='key']");
    if (key) key.textContent = frame.key;
    this.#rows.prepend(row);
    showChange(row, frame, this.#words);
    cap(this.#rows, "[data-task]", MOST);
  }

  /** On top, unless rows would move under somebody's pointer, finger or focus, or what they read. */
  #takesNew() {
    const { firstPage, takesNew } = state();
    const isUsed = this.#rows.matches(":hover, :focus-within") || window.scrollY > TOP || this.#pill.count > 0;
    return firstPage === "1" && takesNew === "1" && !isUsed;
  }

  /**
   * How many are active changes with their status, and with the archive where their status is in sight.
   * @param {TaskEventFrame} frame
   * @param {Element | null} row
   */
  #countActive(frame, row) {
    if (frame.action === "status_changed" && (!row || statusOf(row) !== frame.details.to)) {
      const { from, to } = frame.details;
      addToActive(Number(ACTIVE.includes(to)) - Number(ACTIVE.includes(from)));
    }
    if (!row || !ACTIVE.includes(statusOf(row))) return;
    if (frame.action === "archived" && !row.classList.contains("is-archived")) addToActive(-1);
    if (frame.action === "restored" && row.classList.contains("is-archived")) addToActive(1);
  }
}

/** What the page says of its list: it is read again with it. */
function state() {
  return document.getElementById("list-state")?.dataset ?? {};
}

/** @param {number} by */
function addToActive(by) {
  const shown = document.querySelector("[data-open-count]");
  if (shown) shown.textContent = String(Math.max(0, Number(shown.textContent) + by));
}
