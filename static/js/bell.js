// The bell: how many are unread, wherever the page says it (bar, organizations, title), and the newest few.

import { cap, freshen, notificationRow } from "./rows.js";
import { refreshTimes } from "./times.js";

const ROWS = 6;
const MOST_COUNTED = 999;

/** @param {number} count */
export function capped(count) {
  return count > MOST_COUNTED ? `${MOST_COUNTED}+` : String(count);
}

/**
 * @param {string} title
 * @param {number} total
 */
export function titled(title, total) {
  const bare = title.replace(/^\(\d+\+?\) /, "");
  return total ? `(${capped(total)}) ${bare}` : bare;
}

/** @param {{total: number, orgs: Record<string, number>}} unread */
export function showUnread(unread) {
  for (const element of document.querySelectorAll("[data-bell-count], [data-unread-total]"))
    show(element, unread.total);
  for (const element of /** @type {NodeListOf<HTMLElement>} */ (
    document.querySelectorAll("[data-unread-org]")
  )) {
    show(element, unread.orgs[element.dataset.unreadOrg ?? ""] ?? 0);
  }
  const title = titled(document.title, unread.total);
  if (title !== document.title) document.title = title;
}

/**
 * @param {Element} element
 * @param {number} count
 */
function show(element, count) {
  if (element.textContent !== capped(count)) element.textContent = capped(count);
  element.toggleAttribute("hidden", count === 0);
}

/**
 * @param {any} frame
 * @param {Record<string, string>} reasons
 */
export function ring(frame, reasons) {
  const rows = document.getElementById("bell-rows");
  if (!rows || rows.querySelector(`[data-event="${frame.notification.id}"]`)) return;
  const row = notificationRow("bell-row-template", frame, reasons);
  if (!row) return;
  rows.prepend(row);
  freshen(row);
  refreshTimes(row);
  cap(rows, "[data-event]", ROWS);
  seenUpTo(rows.closest(".bell"), frame.notification.id);
}

/**
 * "Mark all read" covers what its list shows, and nothing that comes later.
 * @param {Element | null} place
 * @param {number} id
 */
export function seenUpTo(place, id) {
  const field = /** @type {HTMLInputElement | null} */ (place?.querySelector("input[name='up_to']") ?? null);
  if (field && Number(field.value) < id) field.value = String(id);
}
