// Reads the page again and puts its lists in place, without touching what somebody is typing. For when
// events alone no longer tell the whole story: a reset, a change of membership, a new day.

/** @import { Boot } from "../frames.js" */

import { backoff } from "../live/backoff.js";

const LISTS = ["task-rows", "timeline", "inbox-rows", "bell-rows", "history-rows", "board"];
const PARTS = [
  ".bar .nav",
  ".crumbs",
  ".task-page [data-field]",
  "[data-open-count]",
  "[data-renewed]",
  "main input[name='seen']",
];

/**
 * @typedef {Object} Following  something that must stand still meanwhile
 * @property {() => void} hold
 * @property {(boot: Boot | null) => void} release  boot data of the new page; null if there is none
 */

export class Renewal {
  #following;
  #busy = false;
  #again = false;

  /** @param {Following} following */
  constructor(following) {
    this.#following = following;
  }

  /** Asked for twice, it is done twice: the first answer may be older than the second wish. */
  async ask() {
    this.#again = true;
    if (this.#busy) return;
    this.#busy = true;
    this.#following.hold();
    let boot = null;
    while (this.#again) {
      this.#again = false;
      boot = await renew();
    }
    this.#busy = false;
    this.#following.release(boot);
  }
}

/** As long as it takes: without it the lists would be wrong, and nobody would know. */
async function renew() {
  for (let failures = 0; ; failures++) {
    const page = await readPage();
    if (page) return swap(new DOMParser().parseFromString(page.text, "text/html"), page.moved);
    await new Promise((resolve) => setTimeout(resolve, backoff(failures, Math.random)));
  }
}

/** @returns {Promise<{text: string, moved: string} | null>} null where another try may help; where it is now */
async function readPage() {
  try {
    const response = await fetch(location.href, { headers: { Accept: "text/html" }, cache: "no-store" });
    if (response.status >= 500) return null;
    return { text: await response.text(), moved: response.redirected ? response.url : "" };
  } catch {
    return null;
  }
}

/**
 * @param {Document} fresh
 * @param {string} moved  the page's address of today, "" if it is what it was
 * @returns {Boot | null} its boot data; null if it is no page of ours
 */
function swap(fresh, moved) {
  const boot = fresh.getElementById("carillon-boot")?.textContent;
  if (!boot) return null;
  if (moved) history.replaceState(history.state, "", moved);
  const focused = document.activeElement?.id;
  for (const id of LISTS) {
    const [old, renewed] = [document, fresh].map((page) => page.getElementById(id));
    if (!old || !renewed) continue;
    keepTyped(old, renewed);
    old.replaceChildren(...renewed.childNodes);
  }
  for (const selector of PARTS) {
    const [old, renewed] = [document, fresh].map((page) => page.querySelectorAll(selector));
    old.forEach((element, i) => renewed[i] && !isTyped(element) && element.replaceWith(renewed[i]));
  }
  if (focused && document.activeElement?.id !== focused) document.getElementById(focused)?.focus();
  return JSON.parse(boot);
}

/**
 * The row that somebody is typing in goes along into the new list.
 * @param {Element} old
 * @param {Element} renewed
 */
function keepTyped(old, renewed) {
  for (const typed of old.querySelectorAll("[data-task]:has([data-typed])")) {
    const { task = "" } = /** @type {HTMLElement} */ (typed).dataset;
    renewed.querySelector(`[data-task="${CSS.escape(task)}"]`)?.replaceWith(typed);
  }
}

/** What somebody is typing stays, and so does what it was begun from. @param {Element} part */
function isTyped(part) {
  return part.querySelector("[data-typed]") !== null || part.closest("[data-typed]") !== null;
}
