// A dot where something of a task is unread for the reader: it comes with a notification and goes with the marks.

/** @import { Change, UnreadFrame } from "../frames.js" */

/** @param {HTMLElement} task */
function unreadOf(task) {
  return (task.dataset.unread ?? "").split(" ").filter(Boolean).map(Number);
}

/** @param {import("./rows.js").Told} frame */
export function dot(frame) {
  if (!("task_id" in frame) || !frame.notification.unread) return;
  const task = /** @type {HTMLElement | null} */ (
    document.querySelector(`[data-unread][data-task="${CSS.escape(frame.task_id)}"]`)
  );
  if (task) show(task, [frame.notification.id, ...unreadOf(task)]);
}

/**
 * @param {UnreadFrame} frame
 * @param {number | undefined} orgId  whose tasks the page shows
 */
export function undot({ change }, orgId) {
  for (const task of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-unread][data-task]"))) {
    const unread = unreadOf(task);
    if (unread.length) show(task, unread.filter((id) => !isTaken(change, id, task.dataset.task ?? "", orgId)));
  }
}

/**
 * Did this act take an event out of unread? What only the server can tell, the next look at the page shows.
 * @param {Change} change
 * @param {number} id
 * @param {string} stream
 * @param {number | undefined} orgId
 */
function isTaken(change, id, stream, orgId) {
  if (change.state === "unread") return false;
  if (change.event_ids?.includes(id)) return true;
  if (change.threads) return id <= (change.threads[stream] ?? 0);
  return !change.reason && change.up_to !== undefined && id <= (change.up_to[String(orgId)] ?? 0);
}

/**
 * @param {HTMLElement} task
 * @param {number[]} unread
 */
function show(task, unread) {
  task.dataset.unread = [...new Set(unread)].join(" ");
}
