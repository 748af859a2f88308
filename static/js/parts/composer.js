// The form for a new comment: it posts in place, keeps a draft, and keeps the focus.

import { keepComments, place } from "./comments.js";
import { keepComposing } from "./composing.js";
import { Draft, keepDraftsOf } from "./drafts.js";
import { freshen } from "./rows.js";
import { send } from "./sending.js";

const PAUSE = 500; // milliseconds without another letter

/** Everything that is written on this page. @param {number} user */
export function keepWriting(user) {
  keepDraftsOf(user);
  keepComments();
  const form = /** @type {HTMLFormElement | null} */ (document.querySelector("form[data-composer]"));
  for (const composing of keepComposing())
    if (form && composing.field.form === form) new Composer(form, composing, user);
}

class Composer {
  #form;
  #composing;
  #draft;
  #timer = 0;

  /**
   * @param {HTMLFormElement} form
   * @param {import("./composing.js").Composing} composing
   * @param {number} user
   */
  constructor(form, composing, user) {
    this.#form = form;
    this.#composing = composing;
    this.#draft = new Draft(user, form.dataset.composer ?? "");
    this.#restore();
    composing.field.addEventListener("input", () => {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#keep(), PAUSE);
    });
    addEventListener("pagehide", () => this.#keep());
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#send();
    });
    const key = /** @type {HTMLElement | null} */ (form.querySelector("[data-key]"));
    if (key) {
      key.hidden = false;
      if (/Mac|iP/.test(navigator.platform)) key.textContent = "⌘ ↵";
    }
  }

  get #field() {
    return this.#composing.field;
  }

  #restore() {
    const kept = this.#field.value ? "" : this.#draft.read();
    if (!kept) return;
    this.#field.value = kept;
    this.#composing.changed();
    this.#say("Draft kept");
  }

  #keep() {
    clearTimeout(this.#timer);
    this.#draft.keep(this.#field.value);
    this.#say(this.#field.value.trim() ? "Draft kept" : "");
  }

  /** @param {string} words */
  #say(words) {
    const place = this.#form.querySelector("[data-kept]");
    if (place) place.textContent = words;
  }

  async #send() {
    if (this.#form.dataset.busy) return;
    this.#keep();
    this.#field.readOnly = true;
    const answer = await send(this.#form);
    this.#field.readOnly = false;
    if (!answer) return;
    const attempt = /** @type {HTMLInputElement} */ (this.#form.elements.namedItem("attempt"));
    attempt.value = answer.attempt;
    this.#field.value = "";
    this.#keep();
    this.#composing.changed();
    await this.#composing.show(false);
    this.#field.focus({ preventScroll: true });
    const item = place(answer.html);
    if (!item) return location.assign(`${location.pathname}#event-${answer.event}`);
    freshen(item);
    item.scrollIntoView({ block: "nearest" });
  }
}
