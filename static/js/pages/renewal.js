// Reads the page again and puts its lists in place, without touching what somebody is typing. For when
// events alone no longer tell the whole story: a reset, a change of membership, a new day.

/** @import { Boot } from "../frames.js" */

import { backoff } from "../live/backoff.js";
import { putEntries } from "../parts/timeline_entries.js";
import { ONLY_A_LOOK } from "../parts/reading_ahead.js";

const LISTS = ["task-rows", "bell-rows", "history-rows", "board"];
const PARTS = [
  ".bar .nav",
  ".crumbs",
  ".task-page [data-field]",
  "[data-open-count]",
  "[data-renewed]",
];

/**
 * @typedef {Object} Following  something that must stand still meanwhile
 * @property {() => void} hold
 * @property {(boot: Boot | null, page: Document | null) => void} release  the new page with its boot data; null if it is
 *   none of ours
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
    /** @type {Document | null} */
    let page = null;
    while (this.#again) {
      this.#again = false;
      page = await renew();
    }
    this.#busy = false;
    this.#following.release(page && bootOf(page), page);
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
    const response = await fetch(location.href, { headers: ONLY_A_LOOK, cache: "no-store" });
    if (response.status >= 500) return null;
    return { text: await response.text(), moved: response.redirected ? response.url : "" };
  } catch {
    return null;
  }
}

/**
 * @param {Document} fresh
 * @param {string} moved  the page's address of today, "" if it is what it was
 * @returns {Document | null} null if it is no page of ours
 */
function swap(fresh, moved) {
  if (!bootOf(fresh)) return null;
  if (moved) history.replaceState(history.state, "", moved);
  const focused = document.activeElement?.id;
  for (const id of LISTS) {
    const [old, renewed] = [document, fresh].map((page) => page.getElementById(id));
    if (!old || !renewed || old.closest("details[open]")) continue;
    keepTyped(old, renewed);
    old.replaceChildren(...renewed.childNodes);
  }
  renewTimeline(document.getElementById("timeline"), fresh.getElementById("timeline"));
  for (const selector of PARTS) {
    const [old, renewed] = [document, fresh].map((page) => page.querySelectorAll(selector));
    old.forEach((element, i) => renewed[i] && !isTyped(element) && element.replaceWith(renewed[i]));
  }
  if (focused && document.activeElement?.id !== focused) document.getElementById(focused)?.focus();
  return fresh;
}

/** @param {Document} page @returns {Boot | null} */
function bootOf(page) {
  return JSON.parse(page.getElementById("carillon-boot")?.textContent || "null");
}

/**
 * Where the two join, earlier entries that the reader has asked for stay, and so does whatever is in use.
 * @param {HTMLElement | null} old
 * @param {HTMLElement | null} renewed
 */
function renewTimeline(old, renewed) {
  if (!old || !renewed) return;
  const entries = /** @type {HTMLElement[]} */ ([...renewed.querySelectorAll(".timeline-item")]);
  const doesJoin = entries[0] && old.querySelector(`[data-event="${entries[0].dataset.event}"]`);
  if (doesJoin) putEntries(old, entries);
  else old.replaceChildren(...renewed.childNodes);
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
