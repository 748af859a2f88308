// The bell's rows follow the changes of states that an `unread` frame tells of.

/** @import { Read, UnreadFrame } from "../frames.js" */

/**
 * @param {UnreadFrame} frame
 * @returns {boolean} false where only the server can say which rows are meant
 */
export function showMarks(frame) {
  const { read, unread_again: again } = frame;
  for (const row of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("#bell-rows [data-event]"))) {
    const id = Number(row.dataset.event);
    if (again?.event_ids.includes(id)) row.classList.add("is-unread");
    else if (read?.event_ids?.includes(id) || isWithin(read, row)) row.classList.remove("is-unread");
  }
  return again?.mark === undefined && (!read || Boolean(read.event_ids) || read.mark !== undefined);
}

/**
 * @param {Read | null} read
 * @param {HTMLElement} row
 */
function isWithin(read, row) {
  if (read?.mark === undefined || (read.reason && read.reason !== row.dataset.reason)) return false;
  return Number(row.dataset.event) <= (read.up_to?.[row.dataset.org ?? ""] ?? 0);
}
