// The fields of a task wherever they are shown ([data-field] within [data-task]), changed by its events.

/** @import { TaskEventFrame } from "../frames.js" */

import { freshen } from "./rows.js";
import { dateOf, day, dueNote, refreshTimes } from "./times.js";

// No field changes, and it is no work on the task.
const NO_WORK = ["texts_erased", "comment_deleted", "reacted", "unreacted"];

/**
 * @param {Element} task
 * @param {string} name
 */
function field(task, name) {
  return task.querySelector(`[data-field="${name}"]`);
}

/**
 * @param {Element} task
 * @param {string} name
 * @param {string} text
 */
function setText(task, name, text) {
  const element = field(task, name);
  if (element) element.textContent = text;
}

/** @param {Element} task */
export function statusOf(task) {
  return (
    /** @type {HTMLElement | null} */ (task.querySelector("[data-field='status'] .status"))?.dataset.status ??
    ""
  );
}

/**
 * Show what an event did to a task, and what it did to the task's controls that nobody is using.
 * @param {Element} task
 * @param {TaskEventFrame} frame
 * @param {{statuses: Record<string, string>, noDate: string}} words
 */
export function showChange(task, frame, words) {
  if (NO_WORK.includes(frame.action)) return;
  if (frame.action === "created") setText(task, "title", frame.details.title);
  if (frame.action === "renamed") setText(task, "title", frame.details.to);
  if (frame.action === "status_changed") showStatus(task, frame.details.to, words.statuses);
  if (frame.action === "assignee_changed") showAssignee(task, frame.details.to, frame.names);
  if (frame.action === "due_date_changed") showDue(task, frame.details.to, words.noDate);
  const updated = field(task, "updated");
  if (updated instanceof HTMLTimeElement) updated.dateTime = frame.created_at;
  refreshTimes(task);
  if (task.matches("tr")) freshen(task);
}

/**
 * @param {Element} task
 * @param {string} status
 * @param {Record<string, string>} labels
 */
function showStatus(task, status, labels) {
  const shown = /** @type {HTMLElement | null} */ (task.querySelector("[data-field='status'] .status"));
  if (!shown) return;
  shown.dataset.status = status;
  shown.textContent = labels[status] ?? status;
  showDueNote(task);
}

/**
 * @param {Element} task
 * @param {number | null} user
 * @param {Record<string, string>} names
 */
function showAssignee(task, user, names) {
  setText(task, "assignee", user === null ? "nobody" : (names[user] ?? "somebody"));
  setControl(task, "assignee", String(user ?? ""));
}

/**
 * @param {Element} task
 * @param {string | null} iso
 * @param {string} noDate
 */
function showDue(task, iso, noDate) {
  setControl(task, "due_date", iso ?? "");
  if (!iso) return setText(task, "due", noDate);
  const time = document.createElement("time");
  time.dateTime = iso;
  time.textContent = day(dateOf(iso));
  field(task, "due")?.replaceChildren(time);
  showDueNote(task);
}

/** @param {Element} task */
function showDueNote(task) {
  const due = field(task, "due");
  const time = due?.querySelector("time");
  due?.querySelector(".due-note")?.remove();
  const note = time ? dueNote(time.dateTime, statusOf(task)) : "";
  if (!due || !note) return;
  const element = document.createElement("span");
  element.className = "due-note";
  element.dataset.note = element.textContent = note;
  due.append(" ", element);
}

/**
 * @param {Element} task
 * @param {string} name
 * @param {string} value
 */
function setControl(task, name, value) {
  const control = /** @type {HTMLInputElement | null} */ (task.querySelector(`[name="${name}"]`));
  if (control && control !== document.activeElement) control.value = value;
}
