// Mark read and unread without leaving the page: shown at once, taken back if the server does not agree. The
// forms work without this module; it sends what they would have sent.

import { showRead } from "../pages/inbox.js";
import { complain } from "./toasts.js";

const FAILED = "That mark was not saved. Nothing else is lost: try again in a moment.";
const CHANGED = "That mark was not saved, because your sign-in has changed. Reload the page and try again.";

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
    .then(() => send(url, body, cookie))
    .then(({ revision, complaint }) => {
      marks.settle(id, revision);
      if (!complaint) return;
      showRead(id, !read);
      complain(complaint);
    });
  pending.set(id, sent);
}

/**
 * @param {string} url
 * @param {FormData} body
 * @param {string} cookie
 * @returns {Promise<{revision: number | null, complaint: string}>}  no complaint when it worked
 */
export async function send(url, body, cookie) {
  // The cookie is always today's; the form's token may be older than the last sign-in.
  const kept = document.cookie.split("; ").find((pair) => pair.startsWith(`${cookie}=`));
  const token = kept?.slice(cookie.length + 1) ?? String(body.get("csrfmiddlewaretoken"));
  try {
    const response = await fetch(url, {
      method: "POST",
      body,
      headers: { Accept: "application/json", "X-CSRFToken": token },
      credentials: "same-origin",
      redirect: "manual",
    });
    const revision = Number(response.headers.get("X-Inbox-Revision") ?? Infinity);
    if (response.ok) return { revision, complaint: "" };
    const isElse = response.type === "opaqueredirect" || [401, 403].includes(response.status);
    return { revision: null, complaint: isElse ? CHANGED : FAILED };
  } catch {
    return { revision: null, complaint: FAILED };
  }
}
