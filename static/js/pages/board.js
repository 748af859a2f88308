// The board of one organization. A card is moved by drag and drop, by keys (Shift and an arrow) and by its menu; it is
// there at once, and goes back with a sentence if the server refuses. What others move waits while somebody points at,
// drags over or has the focus in one of the columns concerned: nothing moves under their hand.

/** @import { TaskEventFrame } from "../frames.js" */

import { at } from "../parts/addresses.js";
import { choose } from "../parts/both_versions.js";
import { offer } from "../parts/keyboard.js";
import { closeMenu } from "../parts/menus.js";
import { Pill } from "../parts/new_pill.js";
import { searchKey } from "../parts/row_steps.js";
import { fromTemplate } from "../parts/rows.js";
import { save } from "../parts/saving.js";
import { showChange, showMoved } from "../parts/task_fields.js";
import { complain } from "../parts/toasts.js";

export class Board {
  #board;
  #words;
  #path;
  #pill;
  /** @type {HTMLElement | null} */
  #dragged = null;
  /** @type {TaskEventFrame[]} */
  #waiting = [];

  /**
   * @param {HTMLElement} board
   * @param {{statuses: Record<string, string>, slug: string}} boot
   */
  constructor(board, { statuses, slug }) {
    this.#board = board;
    this.#words = { statuses, noDate: "" };
    this.#path = at(`orgs/${slug}/`);
    this.#pill = new Pill(board, () => this.#release(true));
    board.addEventListener("submit", (event) => this.#chosen(event));
    board.addEventListener("dragstart", ({ target }) => this.#lift(cardOf(target)));
    board.addEventListener("dragend", () => this.#drop(null));
    board.addEventListener("dragover", (event) => this.#over(event));
    board.addEventListener("drop", (event) => this.#drop(event));
    for (const kind of ["pointerout", "focusout"]) board.addEventListener(kind, () => setTimeout(() => this.#release()));
    this.#offer();
  }

  #offer() {
    const current = () => cardOf(document.activeElement);
    const when = () => current() !== null;
    /** @param {(card: HTMLElement) => void} act */
    const ofCard = (act) => () => void (current() && act(/** @type {HTMLElement} */ (current())));
    offer([
      { keys: ["ArrowDown", "j"], words: "next card", act: () => this.#step(0, 1) },
      { keys: ["ArrowUp", "k"], words: "previous card", act: () => this.#step(0, -1) },
      { keys: ["ArrowRight"], words: "card in the next column", act: () => this.#step(1, 0), when },
      { keys: ["ArrowLeft"], words: "card in the previous column", act: () => this.#step(-1, 0), when },
      { keys: ["shift+ArrowRight"], words: "move the card to the next column", act: ofCard((card) => this.#shift(card, 1)), when },
      { keys: ["shift+ArrowLeft"], words: "move the card to the previous column", act: ofCard((card) => this.#shift(card, -1)), when },
      { keys: ["o", "Enter"], words: "open the task", act: ofCard((card) => linkOf(card)?.click()), when },
      searchKey(),
    ]);
  }

  /** @param {TaskEventFrame} frame */
  apply(frame) {
    if (this.#isHeld(frame)) {
      this.#waiting.push(frame);
      return this.#pill.set(new Set(this.#waiting.map((one) => one.task_id)).size);
    }
    const card = this.#card(frame.task_id);
    if (frame.action === "created") return card ? undefined : this.#create(frame);
    if (!card) return;
    const before = card.dataset.status;
    showChange(card, frame, this.#words);
    if (frame.action === "archived") this.#remove(card);
    else if (card.dataset.status !== before) this.#place(card);
  }

  /** The board was read again: whatever waited is on it. */
  renewed() {
    this.#waiting = [];
    this.#pill.set(0);
  }

  /** Would it move a card under a pointer, a finger or the focus? One's own moves are there already. @param {TaskEventFrame} frame */
  #isHeld(frame) {
    const card = this.#card(frame.task_id);
    if (this.#waiting.some((one) => one.task_id === frame.task_id)) return true;
    if (frame.action === "created") return !card && this.#isUsed("open");
    if (!card || (frame.action !== "archived" && frame.action !== "status_changed")) return false;
    const to = frame.action === "status_changed" ? frame.details.to : "";
    return card.dataset.status !== to && (card === this.#dragged || this.#isUsed(card.dataset.status) || this.#isUsed(to));
  }

  /** @param {string | undefined} status */
  #isUsed(status) {
    const column = this.#column(status);
    const isPointed = matchMedia("(hover: hover)").matches && Boolean(column?.matches(":hover"));
    return isPointed || Boolean(column?.matches(":focus-within, .is-target"));
  }

  #release(isAsked = false) {
    if (this.#dragged || !this.#waiting.length) return;
    const waiting = this.#waiting;
    this.renewed();
    if (isAsked && document.activeElement instanceof HTMLElement) document.activeElement.blur();
    for (const frame of waiting) this.apply(frame);
  }

  /** @param {TaskEventFrame} frame */
  #create(frame) {
    const takesNew = document.getElementById("list-state")?.dataset.takesNew === "1";
    const card = takesNew ? fromTemplate("card-template", {}) : null;
    if (!card) return;
    card.dataset.task = frame.task_id;
    card.dataset.number = String(frame.number);
    linkOf(card)?.setAttribute("href", `${this.#path}tasks/${frame.number}/`);
    const key = card.querySelector("[data-field='key']");
    if (key) key.textContent = frame.key;
    const form = card.querySelector("form");
    if (form) form.action = `${this.#path}tasks/${frame.number}/status/`;
    this.#place(card);
    showChange(card, frame, this.#words);
  }

  /** Into the column of its status, newest first. @param {HTMLElement} card */
  #place(card) {
    const from = card.closest("[data-column]");
    const cards = this.#column(card.dataset.status)?.querySelector("[data-cards]");
    const number = Number(card.dataset.number);
    const older = [...(cards?.children ?? [])].find(
      (other) => other !== card && Number(/** @type {HTMLElement} */ (other).dataset.number) < number,
    );
    const hadFocus = card.contains(document.activeElement);
    cards?.insertBefore(card, older ?? null);
    if (hadFocus) linkOf(card)?.focus();
    count(from, -1);
    count(card.closest("[data-column]"), 1);
  }

  /** @param {HTMLElement} card */
  #remove(card) {
    count(card.closest("[data-column]"), -1);
    card.remove();
  }

  /**
   * @param {HTMLElement} card
   * @param {string} status
   */
  async #move(card, status) {
    const before = card.dataset.status ?? "";
    const form = card.querySelector("form");
    if (!form || status === before) return;
    const body = new FormData(form);
    body.set("status", status);
    body.set("seen_version", card.dataset.savedstatus ?? card.dataset.version ?? "");
    this.#show(card, status);
    linkOf(card)?.focus();
    card.scrollIntoView({ block: "nearest", inline: "nearest" });
    let saved = await save(form.action, body);
    if (saved.both && (await choose(saved.both))) {
      body.set("seen_version", String(saved.both.version));
      saved = await save(form.action, body);
    }
    const key = card.querySelector("[data-field='key']")?.textContent ?? "";
    if (!saved.complaint) {
      card.dataset.savedstatus = String(saved.version);
      return say(`${key} is in ${this.#words.statuses[status] ?? status}`);
    }
    if (card.dataset.status === status) this.#show(card, before);
    if (!saved.both) complain(`${key} was not moved. ${saved.complaint}`);
  }

  /**
   * @param {HTMLElement} card
   * @param {string} status
   */
  #show(card, status) {
    showMoved(card, status, this.#words);
    this.#place(card);
  }

  /** @param {SubmitEvent} event */
  #chosen(event) {
    const card = cardOf(event.target);
    const button = /** @type {HTMLButtonElement | null} */ (event.submitter);
    if (!card || !button) return;
    event.preventDefault();
    closeMenu(card.querySelector("details"));
    void this.#move(card, button.value);
  }

  /** @param {HTMLElement} card @param {1 | -1} by */
  #shift(card, by) {
    const columns = this.#columns;
    const next = columns[columns.findIndex((column) => column.contains(card)) + by];
    if (next) void this.#move(card, next.dataset.column ?? "");
  }

  /** @param {HTMLElement | null} card */
  #lift(card) {
    this.#dragged = card;
    card?.classList.add("is-dragged");
  }

  /** @param {DragEvent} event */
  #over(event) {
    const column = /** @type {Element} */ (event.target).closest("[data-column]");
    for (const one of this.#columns) one.classList.toggle("is-target", one === column && this.#dragged !== null);
    if (column && this.#dragged) event.preventDefault();
  }

  /** @param {DragEvent | null} event */
  #drop(event) {
    const target = /** @type {Element | undefined} */ (event?.target ?? undefined);
    const column = /** @type {HTMLElement | null | undefined} */ (target?.closest("[data-column]"));
    const card = this.#dragged;
    event?.preventDefault();
    this.#dragged = null;
    card?.classList.remove("is-dragged");
    for (const one of this.#columns) one.classList.remove("is-target");
    if (card && column) void this.#move(card, column.dataset.column ?? "");
    this.#release();
  }

  /**
   * @param {number} columns
   * @param {number} cards
   */
  #step(columns, cards) {
    const all = this.#columns.map((column) => [...column.querySelectorAll(".task-card")]);
    const card = cardOf(document.activeElement);
    const here = Math.max(0, all.findIndex((column) => card && column.includes(card)));
    const row = card ? all[here].indexOf(card) : -1;
    let next = here + columns;
    while (columns && all[next] && !all[next].length) next += columns;
    const found = card ? all[next]?.[Math.min(row + cards, (all[next]?.length ?? 0) - 1)] : all.flat()[0];
    const link = found && linkOf(found);
    link?.focus();
    link?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  get #columns() {
    return /** @type {HTMLElement[]} */ ([...this.#board.querySelectorAll("[data-column]")]);
  }

  /** @param {string | undefined} status */
  #column(status) {
    return this.#columns.find((column) => column.dataset.column === status);
  }

  /** @param {string} id */
  #card(id) {
    return /** @type {HTMLElement | null} */ (this.#board.querySelector(`[data-task="${CSS.escape(id)}"]`));
  }
}

/** @param {EventTarget | null} target */
function cardOf(target) {
  return target instanceof Element ? /** @type {HTMLElement | null} */ (target.closest(".task-card")) : null;
}

/** @param {Element} card */
function linkOf(card) {
  return /** @type {HTMLElement | null} */ (card.querySelector("a[data-field='title']"));
}

/**
 * @param {Element | null} column
 * @param {number} by
 */
function count(column, by) {
  const shown = column?.querySelector("[data-count]");
  if (shown) shown.textContent = String(Math.max(0, Number(shown.textContent) + by));
}

/** @param {string} sentence */
function say(sentence) {
  const place = document.getElementById("board-said");
  if (place) place.textContent = sentence;
}
