// Sends a form as soon as something in it is chosen: what is refused goes back to what it was. Without this module
// its button sends it.

import { complain } from "./toasts.js";

const FAILED = "That was not saved. Nothing else is lost: try again in a moment.";
const STAYS = 3_000; // how long "Saved" is shown, in milliseconds

/** @param {string} cookie  the name of the one that holds the forms' token */
export function saveOnChange(cookie) {
  for (const form of savedForms(document)) remember(form);
  document.addEventListener("change", (event) => {
    const control = /** @type {HTMLElement} */ (event.target);
    const form = control.closest("form");
    if (form?.matches("[data-saved-on-change]")) save(form, cookie);
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

/**
 * @param {HTMLFormElement} form
 * @param {string} cookie
 */
async function save(form, cookie) {
  say(form, "");
  const complaint = await send(form, cookie);
  if (complaint) {
    goBack(form);
    complain(complaint);
    return;
  }
  remember(form);
  say(form, "Saved");
  setTimeout(() => say(form, ""), STAYS);
}

/**
 * @param {HTMLFormElement} form
 * @param {string} cookie
 * @returns {Promise<string>} what went wrong, "" for nothing
 */
async function send(form, cookie) {
  const body = new FormData(form);
  const held = document.cookie.split("; ").find((pair) => pair.startsWith(`${cookie}=`));
  const token = held?.slice(cookie.length + 1) ?? String(body.get("csrfmiddlewaretoken"));
  try {
    const response = await fetch(form.action, {
      method: "POST",
      body,
      headers: { Accept: "application/json", "X-CSRFToken": token },
      credentials: "same-origin",
      redirect: "manual",
    });
    if (response.ok) return "";
    const { error } = await response.json();
    return error.message;
  } catch {
    return FAILED;
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
