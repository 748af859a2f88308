// Rows that the reader is done with keep their room, as "Done · Undo", for as long as somebody points at the list: no
// other row slips under a resting pointer, or under the finger that has just lifted.

import { STEPS } from "../live/acts.js";
import { linkOf, threadRowAt, threadRows } from "./thread_rows.js";

/** @typedef {import("../live/thread_list.js").Pressed} Pressed */

const SAID = { done: "Done", read: "Back in the inbox", snoozed: "Snoozed", saved: "Saved", unread: "Unread again" };

export class Closing {
  #rows;
  #close;
  /** @type {Map<string, string>} stream -> id of the act */
  #acts = new Map();
  #pointer = "mouse";

  /**
   * @param {HTMLElement} rows
   * @param {(streams: string[]) => void} close
   */
  constructor(rows, close) {
    this.#rows = rows;
    this.#close = close;
    for (const kind of /** @type {const} */ (["pointerdown", "pointermove"]))
      addEventListener(kind, (event) => (this.#pointer = event.pointerType), { passive: true });
    rows.addEventListener("pointerleave", (event) => event.pointerType !== "touch" && this.giveUp(true));
    addEventListener("scrollend", () => this.#pointer === "touch" && this.giveUp());
    document.addEventListener("focusin", () => this.giveUp());
  }

  /** @param {string[]} streams @param {Pressed} act */
  add(streams, act) {
    for (const stream of streams) {
      const row = this.#row(stream);
      if (!row || this.#acts.has(stream)) continue;
      this.#acts.set(stream, act.id);
      const hadFocus = row.contains(document.activeElement);
      const note = noteOf(SAID[/** @type {keyof typeof SAID} */ (STEPS[act.act].to)], act.id);
      row.append(note);
      row.classList.add("is-closed");
      if (hadFocus) note.querySelector("button")?.focus({ preventScroll: true });
    }
  }

  /** It belongs in the list after all. @param {string} stream */
  keep(stream) {
    if (!this.#acts.delete(stream)) return;
    const row = this.#row(stream);
    const hadFocus = row?.contains(document.activeElement);
    row?.classList.remove("is-closed");
    row?.querySelector(".notification-closed")?.remove();
    if (row && hadFocus) linkOf(row)?.focus({ preventScroll: true });
  }

  /**
   * Close what nobody points at, and what does not have the focus.
   * @param {boolean} isLeft  the pointer has left: the focus goes on too
   */
  giveUp(isLeft = false) {
    if (!this.#acts.size || (!isLeft && this.#pointer === "mouse" && this.#rows.matches(":hover"))) return;
    if (isLeft) this.#goOn();
    const focused = threadRowAt(document.activeElement)?.dataset.stream;
    const streams = [...this.#acts.keys()].filter((stream) => stream !== focused);
    for (const stream of streams) this.#acts.delete(stream);
    if (streams.length) this.#close(streams);
  }

  /** The list is made anew. */
  forget() {
    for (const stream of this.#acts.keys()) this.keep(stream);
  }

  #goOn() {
    const row = threadRowAt(document.activeElement);
    if (!row || !this.#acts.has(row.dataset.stream ?? "")) return;
    linkOf(rowAfter(this.#rows, row) ?? row)?.focus({ preventScroll: true });
  }

  /** @param {string} stream @returns {HTMLElement | null} */
  #row(stream) {
    return this.#rows.querySelector(`[data-stream="${CSS.escape(stream)}"]`);
  }
}

/**
 * The row to go on with: the next one, or the one before.
 * @param {HTMLElement} rows
 * @param {HTMLElement} row
 */
export function rowAfter(rows, row) {
  const open = threadRows(rows).filter((one) => one === row || !one.classList.contains("is-closed"));
  const at = open.indexOf(row);
  return open[at + 1] ?? open[at - 1] ?? null;
}

/** @param {string} said @param {string} act */
function noteOf(said, act) {
  const note = Object.assign(document.createElement("div"), { className: "notification-closed" });
  const button = Object.assign(document.createElement("button"), { type: "button", className: "button-link", textContent: "Undo" });
  button.dataset.undoAct = act;
  note.append(`${said} · `, button);
  return note;
}
