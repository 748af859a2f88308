// How many are unread, wherever the page says it: bell, dock, organizations, title.

import { format, newest, parse } from "../live/cursor.js";
import { MOST } from "../live/unread.js";

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
 * "Mark all read" covers what its list shows, a place in each log, and nothing that comes later.
 * @param {Element | null} list
 * @param {string} cursor
 */
export function showedUpTo(list, cursor) {
  const field = /** @type {HTMLInputElement | null} */ (list?.querySelector("input[name='seen']") ?? null);
  if (field) field.value = format(newest(parse(field.value), parse(cursor)));
}
