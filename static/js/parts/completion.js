// Completes what is being written: members after an @, tasks after the beginning of a key. The server says whom and which.

import { showAvatar } from "./rows.js";

const PAUSE = 120; // milliseconds without another letter
let lists = 0;

/**
 * @typedef {{value: string, label: string, note: string, initials?: string, id?: number, picture?: string,
 *   is_service?: boolean}} Offer
 * @typedef {{start: number, typed: string, address: string, sign: string}} Begun  where it starts in the text
 */

export class Completion {
  #field;
  #sources;
  #list = document.createElement("ul");
  /** @type {Begun | null} */
  #begun = null;
  /** @type {Offer[]} */
  #offers = [];
  #chosen = 0;
  #timer = 0;
  /** @type {AbortController | null} */
  #asked = null;

  /**
   * @param {HTMLTextAreaElement} field
   * @param {{people: string, tasks: string, prefix: string}} sources
   */
  constructor(field, sources) {
    this.#field = field;
    this.#sources = sources;
    this.#list.id = `offers-${++lists}`;
    this.#list.className = "offers";
    this.#list.setAttribute("role", "listbox");
    this.#list.hidden = true;
    field.after(this.#list);
    field.setAttribute("aria-autocomplete", "list");
    field.setAttribute("aria-controls", this.#list.id);
    field.addEventListener("input", () => this.#look());
    field.addEventListener("blur", () => this.#close());
    field.addEventListener("keydown", (event) => this.#pressed(event));
    // Before the field loses the focus.
    this.#list.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      const option = /** @type {Element} */ (event.target).closest("[role='option']");
      if (option) this.#take([...this.#list.children].indexOf(option));
    });
  }

  #look() {
    clearTimeout(this.#timer);
    this.#asked?.abort();
    this.#begun = begunIn(this.#field, this.#sources);
    if (!this.#begun) return this.#close();
    this.#timer = setTimeout(() => this.#ask(), PAUSE);
  }

  async #ask() {
    const begun = this.#begun;
    if (!begun) return;
    this.#asked = new AbortController();
    const { signal } = this.#asked;
    try {
      const address = `${begun.address}?q=${encodeURIComponent(begun.typed)}`;
      const response = await fetch(address, { headers: { Accept: "application/json" }, signal });
      const offers = response.ok ? (await response.json()).items : [];
      if (!signal.aborted) this.#show(offers, begun);
    } catch {
      if (!signal.aborted) this.#close(); // offline: one can write the name all the same
    }
  }

  /**
   * @param {Offer[]} offers
   * @param {Begun} begun
   */
  #show(offers, begun) {
    if (!offers.length || document.activeElement !== this.#field) return this.#close();
    this.#offers = offers;
    this.#list.setAttribute("aria-label", begun.sign === "@" ? "Members" : "Tasks");
    this.#list.replaceChildren(...offers.map((offer, i) => option(offer, `${this.#list.id}-${i}`)));
    this.#list.hidden = false;
    this.#choose(0);
  }

  /** @param {number} place */
  #choose(place) {
    this.#chosen = (place + this.#offers.length) % this.#offers.length;
    [...this.#list.children].forEach((each, i) =>
      each.setAttribute("aria-selected", String(i === this.#chosen)),
    );
    const chosen = this.#list.children[this.#chosen];
    this.#field.setAttribute("aria-activedescendant", chosen.id);
    chosen.scrollIntoView({ block: "nearest" });
  }

  /** @param {KeyboardEvent} event */
  #pressed(event) {
    if (this.#list.hidden || event.isComposing || event.ctrlKey || event.metaKey) return;
    const act = {
      ArrowDown: () => this.#choose(this.#chosen + 1),
      ArrowUp: () => this.#choose(this.#chosen - 1),
      Enter: () => this.#take(this.#chosen),
      Tab: () => this.#take(this.#chosen),
      Escape: () => this.#close(),
    }[event.key];
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  }

  /** @param {number} place */
  #take(place) {
    const [begun, offer] = [this.#begun, this.#offers[place]];
    if (!begun || !offer) return;
    const text = (begun.sign === "@" ? "@" : "") + offer.value + " ";
    this.#field.setRangeText(text, begun.start, this.#field.selectionStart, "end");
    this.#close();
    this.#field.dispatchEvent(new Event("input", { bubbles: true }));
  }

  #close() {
    clearTimeout(this.#timer);
    this.#asked?.abort();
    this.#list.hidden = true;
    this.#list.replaceChildren();
    this.#field.removeAttribute("aria-activedescendant");
  }
}

/**
 * What stands before the caret and can be completed.
 * @param {HTMLTextAreaElement} field
 * @param {{people: string, tasks: string, prefix: string}} sources
 * @returns {Begun | null}
 */
function begunIn(field, { people, tasks, prefix }) {
  if (field.selectionStart !== field.selectionEnd) return null;
  const before = field.value.slice(0, field.selectionStart);
  const name = /(?<![\p{L}\p{N}_.+\-@])[@＠]([\p{L}\p{M}\p{N}_.+-]{0,50})$/u.exec(before);
  if (name) return { start: name.index, typed: name[1], address: people, sign: "@" };
  const word = /[\p{L}\p{N}_-]+$/u.exec(before)?.[0] ?? "";
  if (!word.toUpperCase().startsWith(prefix)) return null;
  return { start: before.length - word.length, typed: word.slice(prefix.length), address: tasks, sign: prefix };
}

/**
 * @param {Offer} offer
 * @param {string} id
 */
function option({ label, note, initials, id: user, picture, is_service: isService }, id) {
  const row = document.createElement("li");
  row.id = id;
  row.className = "offer";
  row.setAttribute("role", "option");
  if (initials) {
    const avatar = row.appendChild(document.createElement("span"));
    avatar.className = "avatar";
    avatar.ariaHidden = "true";
    showAvatar(avatar, initials, String(user), picture);
  }
  for (const [name, text] of [
    ["offer-label", label],
    ["offer-note", note],
  ]) {
    const part = row.appendChild(document.createElement("span"));
    part.className = name;
    part.dir = "auto";
    part.textContent = text;
  }
  if (isService) {
    const mark = row.appendChild(document.createElement("span"));
    mark.className = "tag";
    mark.textContent = "bot";
  }
  return row;
}
