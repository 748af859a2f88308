// The page of preferences: each switch is saved when it is clicked, and the server says what will happen. What is refused
// goes back to what it was. Without this module buttons save.

import { morph } from "../parts/morph.js";
import { post } from "../parts/posting.js";
import { complain, tryToast } from "../parts/toasts.js";

const FAILED = "That was not saved. Nothing else is lost: try again in a moment.";
const STAYS = 3_000; // how long "Saved" is shown, in milliseconds

/** One after the other, so that the page shows what the server knew last. */
let before = Promise.resolve();

/** @param {HTMLElement} section  what holds the switches */
export function keepPreferences(section) {
  focusTarget();
  addEventListener("hashchange", focusTarget);
  document.addEventListener("change", ({ target }) => {
    if (!(target instanceof HTMLInputElement || target instanceof HTMLSelectElement) || !target.form) return;
    if (target.form.dataset.switches) queue(target.form, oneSwitch(target.form, target));
    else if (target.form.dataset.renewsOnChange) queue(target.form, new FormData(target.form));
  });
  document.addEventListener("submit", (event) => {
    const form = /** @type {HTMLFormElement} */ (event.target);
    if (!("tries" in form.dataset || form.dataset.renews || form.dataset.renewsOnChange)) return;
    event.preventDefault();
    queue(form, new FormData(form, event.submitter));
  });
  section.addEventListener("click", ({ target }) => {
    if (target instanceof Element && target.closest("[data-act='try-toast']")) tryToast();
  });
}

/** A link from a notification or a mail names the switch that governs it. */
function focusTarget() {
  const named = document.getElementById(location.hash.slice(1));
  if (named?.closest(".switches")) named.focus();
}

/**
 * Only what was clicked: another tab may have set the others.
 * @param {HTMLFormElement} form
 * @param {HTMLInputElement | HTMLSelectElement} control
 */
function oneSwitch(form, control) {
  const body = new FormData();
  body.append("org", String(new FormData(form).get("org") ?? ""));
  body.append("only", control.name);
  if (control instanceof HTMLSelectElement || control.checked) body.append(control.name, control.value);
  return body;
}

/**
 * @param {HTMLFormElement} form
 * @param {FormData} body
 */
function queue(form, body) {
  before = before.then(() => send(form, body));
}

/**
 * @param {HTMLFormElement} form
 * @param {FormData} body
 */
async function send(form, body) {
  const { complaint, html, said } = await ask(form.action, body);
  const fresh = html ? new DOMParser().parseFromString(html, "text/html").querySelector("section") : null;
  const old = fresh && document.getElementById(fresh.id);
  if (old && fresh) morph(old, fresh);
  settle(old ?? form);
  if (complaint) return complain(complaint);
  say(form.isConnected ? form : old, said ?? "Saved");
}

/**
 * @param {string} address
 * @param {FormData} body
 * @returns {Promise<{complaint?: string, html?: string, said?: string}>}
 */
async function ask(address, body) {
  try {
    const response = await post(address, body);
    const answer = await response.json();
    return response.ok ? answer : { complaint: answer.error?.message ?? FAILED };
  } catch {
    return { complaint: FAILED };
  }
}

/** Let controls stand as the page says, whatever was clicked. @param {ParentNode} within */
function settle(within) {
  for (const box of /** @type {NodeListOf<HTMLInputElement>} */ (within.querySelectorAll("input[type='checkbox']")))
    box.checked = box.defaultChecked;
  for (const input of /** @type {NodeListOf<HTMLInputElement>} */ (within.querySelectorAll("input[type='time']")))
    input.value = input.defaultValue;
  for (const option of within.querySelectorAll("option")) option.selected = option.defaultSelected;
}

/**
 * @param {Element | null} place
 * @param {string} words
 */
function say(place, words) {
  const said = place?.querySelector("[data-saved]");
  if (!said) return;
  said.textContent = words;
  setTimeout(() => (said.textContent = ""), STAYS);
}
