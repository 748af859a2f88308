// Looking back: the slider of a task's versions. On the page of the present it leads into the past; there the page
// follows it. What it shows comes from the server; nothing live is applied to the past, only that there is more.

/** @import { TaskEventFrame } from "../frames.js" */

import { sentenceOfIt } from "../parts/rows.js";
import { refreshTimes, moment } from "../parts/times.js";

const PAUSE = 300; // milliseconds without another step, as with an arrow key held down

export class LookBack {
  #form;
  #slider;
  /** @type {[string, string][]} */
  #said; // time and sentence of each version; of very long histories nothing
  #leaving;
  #timer = 0;
  #newer = 0;
  /** @type {AbortController | null} */
  #asked = null;

  /**
   * @param {HTMLFormElement} form
   * @param {HTMLInputElement} slider
   * @param {() => boolean} leaving
   */
  constructor(form, slider, leaving) {
    this.#form = form;
    this.#slider = slider;
    this.#leaving = leaving;
    this.#said = JSON.parse(document.getElementById("versions")?.textContent || "[]");
    slider.addEventListener("input", () => this.#say());
    slider.addEventListener("change", () => {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#show(), PAUSE);
    });
    if (location.hash === "#version") slider.focus();
    this.#say();
  }

  /** @param {TaskEventFrame} frame */
  apply(frame) {
    if (frame.task_id !== this.#form.dataset.task || frame.version <= Number(this.#slider.max)) return;
    const wasNow = this.#slider.value === this.#slider.max;
    this.#slider.max = String(frame.version);
    this.#said.push([frame.created_at, sentenceOfIt(frame)]);
    if (!this.#isPast && wasNow) this.#slider.value = this.#slider.max;
    this.#say();
    if (this.#isPast) this.#note(++this.#newer);
  }

  get #isPast() {
    return "past" in this.#form.dataset;
  }

  /** What the slider stands at, before the page of it is there. */
  #say() {
    const { value, max } = this.#slider;
    const [time, sentence] = this.#said[Number(value) - 1] ?? ["", ""];
    const words = time && `, ${moment(new Date(time))}: ${sentence}`;
    this.#slider.setAttribute("aria-valuetext", `Version ${value} of ${max}${words}`);
    for (const [name, text] of Object.entries({ version: value, count: max, sentence })) {
      const place = this.#form.querySelector(`[data-said="${name}"]`);
      if (place && text) place.textContent = text;
    }
    const clock = this.#form.querySelector("time");
    if (clock && time) clock.dateTime = time;
    refreshTimes(this.#form.parentElement ?? document);
  }

  async #show() {
    const url = new URL(this.#form.action);
    url.searchParams.set("version", this.#slider.value);
    if (!this.#isPast) return this.#go(url);
    this.#asked?.abort();
    this.#asked = new AbortController();
    const { signal } = this.#asked;
    document.querySelector(".past-page")?.classList.add("is-waiting");
    try {
      const response = await fetch(url, { headers: { Accept: "text/html" }, signal });
      const text = await response.text();
      if (!response.ok || !swap(new DOMParser().parseFromString(text, "text/html"))) return this.#go(url);
      history.replaceState(null, "", url);
    } catch {
      if (!signal.aborted) this.#go(url);
    }
  }

  /** @param {URL} url */
  #go(url) {
    url.hash = "version"; // the slider keeps the focus
    if (!this.#leaving()) location.assign(url);
  }

  /** @param {number} count */
  #note(count) {
    const place = document.querySelector("[data-newer]");
    const changes = count === 1 ? "1 change is newer" : `${count} changes are newer`;
    if (place) place.textContent = `${changes} than this page. “Back to now” shows the task with them.`;
  }
}

/**
 * @param {Document} fresh
 * @returns {boolean} whether it is a page of the past
 */
function swap(fresh) {
  const parts = [...fresh.querySelectorAll(".past-page [data-part]")];
  for (const part of parts) {
    const name = /** @type {HTMLElement} */ (part).dataset.part;
    document.querySelector(`.past-page [data-part="${name}"]`)?.replaceWith(part);
  }
  document.querySelector(".past-page")?.classList.remove("is-waiting");
  const count = /^\(\d+\+?\) /.exec(document.title)?.[0] ?? "";
  document.title = count + fresh.title.replace(/^\(\d+\+?\) /, "");
  refreshTimes();
  return parts.length > 0;
}
