// A field that somebody writes in ([data-composing]): it grows with the text, completes names and keys, says before
// sending who will be told, and shows what it will look like.

import { Completion } from "./completion.js";
import { post } from "./posting.js";

const PAUSE = 350; // milliseconds without another letter
const ROWS = { least: 2, most: 14 };
const grows = !CSS.supports("field-sizing", "content");

/** @typedef {{html: string, told: string, unknown: string}} Said */

export class Composing {
  #block;
  #notes;
  #timer = 0;
  /** @type {AbortController | null} */
  #asked = null;

  /** @param {HTMLElement} block */
  constructor(block) {
    this.#block = block;
    this.#notes = block.closest("form") ?? block;
    this.field = /** @type {HTMLTextAreaElement} */ (block.querySelector("textarea"));
    const { people = "", tasks = "", prefix = "" } = block.dataset;
    new Completion(this.field, { people, tasks, prefix });
    this.field.addEventListener("input", () => this.changed());
    this.field.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.isComposing) return;
      event.preventDefault();
      this.field.form?.requestSubmit();
    });
    const modes = /** @type {HTMLElement} */ (block.querySelector(".composing-modes"));
    modes.hidden = false;
    modes.addEventListener("click", (event) => {
      const mode = /** @type {HTMLElement} */ (event.target).dataset.mode;
      if (mode) this.show(mode === "preview");
    });
    this.changed();
  }

  /** The text is another. */
  changed() {
    if (grows) this.field.rows = Math.min(ROWS.most, Math.max(ROWS.least, this.field.value.split("\n").length));
    clearTimeout(this.#timer);
    this.#asked?.abort();
    if (!/[@＠]/.test(this.field.value)) return this.#tell({ told: "", unknown: "" });
    this.#timer = setTimeout(async () => this.#tell(await this.#ask()), PAUSE);
  }

  /** Show the preview, or the field again. @param {boolean} asPreview */
  async show(asPreview) {
    const preview = /** @type {HTMLElement} */ (this.#block.querySelector("[data-preview]"));
    for (const button of this.#block.querySelectorAll("[data-mode]"))
      button.setAttribute("aria-pressed", String((button.getAttribute("data-mode") === "preview") === asPreview));
    if (asPreview) {
      const said = await this.#ask();
      this.#tell(said);
      const shown = said && new DOMParser().parseFromString(said.html, "text/html").body.childNodes;
      const nothing = said ? "Nothing to preview." : "The preview cannot be loaded now. Your text is kept.";
      preview.replaceChildren(...(shown?.length ? shown : [nothing]));
    }
    preview.hidden = !asPreview;
    this.field.hidden = asPreview;
  }

  /** @returns {Promise<Said | null>} null where the server cannot be asked, or another question came after */
  async #ask() {
    clearTimeout(this.#timer); // this question answers that one too
    this.#asked?.abort();
    this.#asked = new AbortController();
    const body = new FormData();
    body.append("text", this.field.value);
    try {
      const response = await post(this.#block.dataset.draft ?? "", body, this.#asked.signal);
      return response.ok ? await response.json() : null;
    } catch {
      return null;
    }
  }

  /** @param {{told: string, unknown: string} | null} said */
  #tell(said) {
    if (!said) return;
    for (const [name, text] of Object.entries({ told: said.told, unknown: said.unknown })) {
      const place = this.#notes.querySelector(`[data-${name}]`);
      if (place && place.textContent !== text) place.textContent = text;
    }
  }
}

/** Every such field within. @param {ParentNode} root */
export function keepComposing(root = document) {
  const blocks = /** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll("[data-composing]"));
  return [...blocks].map((block) => new Composing(block));
}
