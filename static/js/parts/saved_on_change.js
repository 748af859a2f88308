// Sends a form as soon as something in it is chosen: what is refused goes back to what it was. Without this module
// its button sends it.

import { post } from "./posting.js";
import { complain } from "./toasts.js";

const FAILED = "That was not saved. Nothing else is lost: try again in a moment.";
const STAYS = 3_000; // how long "Saved" is shown, in milliseconds

export function saveOnChange() {
  for (const form of savedForms(document)) remember(form);
  document.addEventListener("change", (event) => {
    const control = /** @type {HTMLElement} */ (event.target);
    const form = control.closest("form");
    if (form?.matches("[data-saved-on-change]")) save(form);
  });
}

/** @type {WeakMap<HTMLFormElement, string>} what each was when it was last saved */
const kept = new WeakMap();

/** @param {ParentNode} within */
function savedForms(within) {
  return /** @type {NodeListOf<HTMLFormElement>} */ (within.querySelectorAll("form[data-saved-on-change]"));
}

/** @param {HTMLFormElement} form */
function remember(form) {
  const chosen = /** @type {HTMLInputElement | HTMLSelectElement | null} */ (
    form.querySelector("input[type='radio']:checked, select")
  );
  kept.set(form, chosen?.value ?? "");
}

/** @param {HTMLFormElement} form */
async function save(form) {
  say(form, "");
  const { complaint, said } = await send(form);
  if (complaint || said) goBack(form);
  else remember(form);
  if (complaint) return complain(complaint);
  say(form, said || "Saved");
  if (!said) setTimeout(() => say(form, ""), STAYS);
}

/**
 * @param {HTMLFormElement} form
 * @returns {Promise<{ complaint?: string, said?: string }>} what went wrong; what happened in its place
 */
async function send(form) {
  try {
    const response = await post(form.action, new FormData(form));
    if (response.status === 204) return {};
    const { error, said } = await response.json();
    return { complaint: error?.message, said };
  } catch {
    return { complaint: FAILED };
  }
}

/** @param {HTMLFormElement} form */
function goBack(form) {
  const value = kept.get(form) ?? "";
  const select = form.querySelector("select");
  if (select) select.value = value;
  for (const radio of /** @type {NodeListOf<HTMLInputElement>} */ (form.querySelectorAll("input[type='radio']")))
    radio.checked = radio.value === value;
}

/**
 * @param {HTMLFormElement} form
 * @param {string} words
 */
function say(form, words) {
  const place = form.querySelector("[data-saved]");
  if (place) place.textContent = words;
}
