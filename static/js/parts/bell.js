// The bell: how many are unread, wherever the page says it (bar, organizations, title), and the newest few.

import { format, newest, parse } from "../live/cursor.js";
import { cap, freshen, notificationRow } from "./rows.js";
import { refreshTimes } from "./times.js";
import { MOST } from "../live/unread.js";

const ROWS = 6;

/** @param {number} count */
export function capped(count) {
  return count > MOST ? `${MOST}+` : String(count);
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
 * @param {import("./rows.js").Told} frame
 * @param {Record<string, string>} reasons
 */
export function ring(frame, reasons) {
  const rows = document.getElementById("bell-rows");
  if (!rows) return;
  if (!rows.querySelector(`[data-event="${frame.notification.id}"]`)) {
    const row = notificationRow("bell-row-template", frame, reasons);
    if (!row) return;
    rows.prepend(row);
    freshen(row);
    refreshTimes(row);
    cap(rows, "[data-event]", ROWS);
  }
  showedUpTo(rows.closest(".bell"), frame.cursor);
}

/**
 * "Mark all read" covers what its list shows, a place in each log, and nothing that comes later.
 * @param {Element | null} list
 * @param {string} cursor
 */
export function showedUpTo(list, cursor) {
  const field = /** @type {HTMLInputElement | null} */ (list?.querySelector("input[name='seen']") ?? null);
  if (field) field.value = format(newest(parse(field.value), parse(cursor)));
}
