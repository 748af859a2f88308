// Sends a form without leaving the page. What was typed stays until the server has it.

import { post } from "./posting.js";

const LIMIT = 30_000; // milliseconds

/** @typedef {{event: number, version: number, html: string, attempt: string}} Answer */

/**
 * @param {HTMLFormElement} form
 * @param {HTMLButtonElement | null} button  the one that was pressed
 * @returns {Promise<Answer | null>} null where it failed, which the form says; or where it is on its way already
 */
export async function send(form, button = null) {
  if (form.dataset.busy) return null;
  form.dataset.busy = "1";
  say(form, "");
  const body = new FormData(form);
  if (button?.name) body.append(button.name, button.value);
  try {
    const url = form.getAttribute("action") || location.href;
    const response = await post(url, body, AbortSignal.timeout(LIMIT));
    const isOurs = response.status !== 401 && response.headers.get("Content-Type")?.startsWith("application/json");
    if (!isOurs) say(form, "You are signed out. Sign in in another tab, then send it again: your text is kept here.");
    const answer = isOurs ? await response.json() : null;
    if (response.ok) return answer;
    if (answer) say(form, answer.error?.message ?? "That did not work. Your text is kept here.");
  } catch {
    say(form, "The server cannot be reached. Your text is kept here: send it again in a moment.");
  } finally {
    delete form.dataset.busy;
  }
  return null;
}

/**
 * @param {HTMLFormElement} form
 * @param {string} words
 */
function say(form, words) {
  const place = form.querySelector("[data-failed]") ?? document.querySelector(".composer [data-failed]");
  if (place) place.textContent = words;
}
