// Reads the page again and puts its lists in place, without touching what somebody is typing. For when
// events alone no longer tell the whole story: a reset, a change of membership, a new day.

import { backoff } from "./backoff.js";

const LISTS = ["task-rows", "timeline", "inbox-rows", "bell-rows"];
const TRIES = 8;

/**
 * @typedef {Object} Following  something that must stand still meanwhile
 * @property {() => void} hold
 * @property {(boot: any) => void} release  the boot data of the new page; null if there is none
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

async function renew() {
  for (let failures = 0; failures < TRIES; failures++) {
    try {
      const response = await fetch(location.href, { headers: { Accept: "text/html" }, cache: "no-store" });
      if (response.status < 500)
        return swap(new DOMParser().parseFromString(await response.text(), "text/html"));
    } catch {
      // No network: the next try may have one.
    }
    await new Promise((resolve) => setTimeout(resolve, backoff(failures, Math.random)));
  }
  return null;
}

/**
 * @param {Document} fresh
 * @returns {any} its boot data
 */
function swap(fresh) {
  const boot = fresh.getElementById("carillon-boot")?.textContent;
  if (!boot) return null;
  for (const id of LISTS) {
    const [old, renewed] = [document.getElementById(id), fresh.getElementById(id)];
    if (old && renewed) old.replaceChildren(...renewed.childNodes);
  }
  swapEach("main [data-task]:has(#timeline) [data-field], [data-open-count]", fresh);
  for (const [i, field] of document.querySelectorAll("input[name='up_to']").entries()) {
    const renewed = fresh.querySelectorAll("input[name='up_to']")[i];
    if (renewed)
      /** @type {HTMLInputElement} */ (field).value = /** @type {HTMLInputElement} */ (renewed).value;
  }
  return JSON.parse(boot);
}

/**
 * @param {string} selector
 * @param {Document} fresh
 */
function swapEach(selector, fresh) {
  const renewed = fresh.querySelectorAll(selector);
  for (const [i, old] of document.querySelectorAll(selector).entries()) {
    if (renewed[i]) old.replaceChildren(...renewed[i].childNodes);
  }
}
