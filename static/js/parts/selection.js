// Rows that are selected, one by one, in a range, or all that match; the bar says how many an act would touch.

import { threadRows } from "./thread_rows.js";

export class Selection {
  #rows;
  #form;
  /** @type {HTMLInputElement | null} */
  #last = null;

  /**
   * @param {HTMLElement} rows
   * @param {HTMLFormElement} form
   */
  constructor(rows, form) {
    this.#rows = rows;
    this.#form = form;
    rows.addEventListener("click", (event) => this.#clicked(event));
    for (const place of [rows, form]) place.addEventListener("change", () => this.show());
    this.show();
  }

  /** @returns {HTMLElement[]} */
  get selected() {
    return threadRows(this.#rows).filter((row) => boxOf(row)?.checked);
  }

  get isEverything() {
    return this.#everything?.checked ?? false;
  }

  /** @param {HTMLElement} row */
  toggle(row) {
    boxOf(row)?.click();
  }

  clear() {
    for (const row of this.selected) /** @type {HTMLInputElement} */ (boxOf(row)).checked = false;
    if (this.#everything) this.#everything.checked = false;
    this.show();
  }

  /** How many there are, on every button. */
  show() {
    const matching = this.#form.querySelector("[data-matching]")?.textContent ?? "";
    const count = this.isEverything ? matching : String(this.selected.length || "");
    const said = this.#form.querySelector("[data-selected]");
    if (said) said.textContent = count && `${count} selected`;
    said?.toggleAttribute("hidden", !count);
    for (const button of /** @type {NodeListOf<HTMLElement>} */ (this.#form.querySelectorAll("button[data-act]"))) {
      button.dataset.label ??= button.textContent?.trim() ?? "";
      button.textContent = count ? `${button.dataset.label} (${count})` : button.dataset.label;
    }
  }

  get #everything() {
    return /** @type {HTMLInputElement | null} */ (this.#form.querySelector("[name='everything']"));
  }

  /** With shift: all from the last one to this. @param {MouseEvent} event */
  #clicked(event) {
    const box = /** @type {HTMLInputElement | null} */ (/** @type {Element} */ (event.target).closest("input[name='threads']"));
    if (!box || box.type !== "checkbox") return;
    if (event.shiftKey && this.#last?.isConnected) {
      const boxes = threadRows(this.#rows).flatMap((row) => boxOf(row) ?? []);
      const [from, to] = [boxes.indexOf(this.#last), boxes.indexOf(box)].sort((one, other) => one - other);
      for (const between of boxes.slice(from, to + 1)) between.checked = box.checked;
    }
    this.#last = box;
    this.show();
  }
}

/** @param {HTMLElement} row */
function boxOf(row) {
  return /** @type {HTMLInputElement | null} */ (row.querySelector(".notification-select input"));
}
