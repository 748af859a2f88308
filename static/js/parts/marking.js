// Mark read and unread without leaving the page: shown at once, taken back if the server does not agree. The
// forms work without this module; it sends what they would have sent.

import { showRead } from "../pages/inbox.js";
import { post } from "./posting.js";
import { complain } from "./toasts.js";

/**
 * @typedef {Object} Marks
 * @property {(id: string, org: string, by: 1 | -1) => void} guess
 * @property {(id: string, revision: number | null) => void} settle
 */

/** @type {Map<string, Promise<void>>} one request after the other per row, so that the last click wins */
const pending = new Map();

/**
 * @param {Marks} marks
 * @param {string} cookie  the name of the one that holds the forms' token
 */
export function keepMarks(marks, cookie) {
  document.addEventListener("submit", (event) => {
    const button = /** @type {HTMLButtonElement | null} */ (event.submitter);
    const row = /** @type {HTMLElement | null} */ (button?.closest("[data-event]"));
    const act = button?.dataset.act;
    if (!row || (act !== "read" && act !== "unread")) return;
    event.preventDefault();
    const form = /** @type {HTMLFormElement} */ (event.target);
    mark(row, act === "read", form.action, new FormData(form, button), marks, cookie);
    const back = form.querySelector(`[data-act="${act === "read" ? "unread" : "read"}"]`);
    /** @type {HTMLElement | null} */ (back)?.focus(); // the button pressed is hidden now
  });
}

/**
 * @param {HTMLElement} row
 * @param {boolean} read
 * @param {string} url
 * @param {FormData} body
 * @param {Marks} marks
 * @param {string} cookie
 */
function mark(row, read, url, body, marks, cookie) {
  const { event: id = "", org = "" } = row.dataset;
  showRead(id, read);
  marks.guess(id, org, read ? -1 : 1);
  const before = pending.get(id) ?? Promise.resolve();
  const sent = before
    .then(() => post(url, body, cookie))
    .then(({ revision, complaint }) => {
      marks.settle(id, revision);
      if (!complaint) return;
      showRead(id, !read);
      complain(complaint);
    });
  pending.set(id, sent);
}
