// The page of preferences: each switch is saved when it is clicked, and the server says what will happen. What is refused
// goes back to what it was. Without this module buttons save.

import { morph } from "../parts/morph.js";
import { post } from "../parts/posting.js";
import { complain, tryToast } from "../parts/toasts.js";

const FAILED = "That was not saved. Nothing else is lost: try again in a moment.";
const STAYS = 3_000; // how long "Saved" is shown, in milliseconds

/** One after the other, so that the page shows what the server knew last. */
let before = Promise.resolve();
let waiting = 0;
/** What the server drew last of each section, until nothing is on its way. @type {Map<string, Element>} */
const answers = new Map();

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
  waiting += 1;
  before = before.then(() => send(form, body));
}

/**
 * @param {HTMLFormElement} form
 * @param {FormData} body
 */
async function send(form, body) {
  const { complaint, html, said } = await ask(form.action, body);
  for (const section of new DOMParser().parseFromString(html ?? "", "text/html").querySelectorAll("section[id]"))
    answers.set(section.id, section);
  if (complaint) complain(complaint);
  // While more is on its way the page stands as its reader left it.
  if ((waiting -= 1)) return;
  for (const [id, fresh] of answers) {
    const old = document.getElementById(id);
    if (old) morph(old, fresh);
  }
  answers.clear();
  settle(complaint ? null : document.activeElement);
  if (!complaint) say(form, said ?? "Saved");
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

/** Let controls stand as the page says, whatever was clicked. @param {Element | null} but  where somebody types */
function settle(but) {
  for (const form of document.querySelectorAll("form:is([data-switches], [data-renews-on-change])")) {
    for (const input of form.querySelectorAll("input")) {
      if (input.type === "checkbox") input.checked = input.defaultChecked;
      if (input.type === "time" && input !== but) input.value = input.defaultValue;
    }
    for (const option of form.querySelectorAll("option")) option.selected = option.defaultSelected;
  }
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
