// The fields of a task wherever they are shown ([data-field] within [data-task]), changed by its events.

/** @import { TaskEventFrame } from "../frames.js" */

import { showLabels } from "./labels.js";
import { freshen, initials, showAvatar } from "./rows.js";
import { dateOf, day, dueNote, refreshTimes } from "./times.js";

/** @typedef {{statuses: Record<string, string>, noDate: string}} Words */

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
  return /** @type {HTMLElement} */ (task).dataset.status ?? "";
}

/**
 * Show what an event did to a task, and what it did to the task's controls that nobody is using.
 * @param {HTMLElement} task
 * @param {TaskEventFrame} frame
 * @param {Words} words
 */
export function showChange(task, frame, words) {
  const known = Number(task.dataset.version ?? 0);
  task.dataset.version = String(Math.max(known, frame.version));
  if (NO_WORK.includes(frame.action)) return;
  if (frame.action === "created") showTitle(task, frame.details.title);
  if (frame.action === "renamed") showTitle(task, frame.details.to);
  if (frame.action === "status_changed") showStatus(task, frame.details.to, words.statuses);
  if (frame.action === "assignee_changed") showAssignee(task, frame.details.to, frame.names);
  if (frame.action === "due_date_changed") showDue(task, frame.details.to, words.noDate);
  if (frame.action === "labels_changed") showAllLabels(task, frame.details.to);
  const updated = field(task, "updated");
  if (updated instanceof HTMLTimeElement) updated.dateTime = frame.created_at;
  refreshTimes(task);
  if (task.matches("tr, .task-card")) freshen(task);
}

/**
 * Show at once what was just saved here; the event that tells it to everybody finds it so.
 * @param {HTMLElement} task
 * @param {string} field
 * @param {HTMLInputElement | HTMLSelectElement} control
 * @param {number} version
 * @param {Words} words
 */
export function showSaved(task, field, control, version, words) {
  const { value } = control;
  const chosen = (control instanceof HTMLSelectElement && control.selectedOptions[0]?.dataset.name) || "";
  if (field === "title") setText(task, "title", value.trim().replace(/\s+/g, " "));
  if (field === "status") showStatus(task, value, words.statuses);
  if (field === "assignee") showAssignee(task, value ? Number(value) : null, { [value]: chosen });
  if (field === "due") showDue(task, value || null, words.noDate);
  if (field === "labels") showAllLabels(task, written(value));
  task.dataset[`saved${field}`] = String(version); // of this field alone: others' events may still be on their way
}

/**
 * A card is moved here, before the server has answered.
 * @param {HTMLElement} task
 * @param {string} status
 * @param {Words} words
 */
export function showMoved(task, status, words) {
  showStatus(task, status, words.statuses);
  freshen(task);
}

/** Labels as the server writes them. @param {string} typed */
function written(typed) {
  const words = typed.split(",").map((label) => label.trim().replace(/\s+/g, " ").toLowerCase());
  return [...new Set(words.filter(Boolean))].sort();
}

/**
 * @param {Element} task
 * @param {string} title
 */
function showTitle(task, title) {
  setText(task, "title", title);
  setControl(task, "title", title);
}

/**
 * @param {Element} task
 * @param {string[]} labels
 */
function showAllLabels(task, labels) {
  const place = field(task, "labels");
  const form = place?.querySelector(".field-form"); // it stands in the place of what it changes
  if (place) showLabels(place, labels);
  if (form) place?.append(form);
  setControl(task, "labels", labels.join(", "));
}

/**
 * @param {Element} task
 * @param {string} status
 * @param {Record<string, string>} labels
 */
function showStatus(task, status, labels) {
  /** @type {HTMLElement} */ (task).dataset.status = status;
  setControl(task, "status", status);
  const shown = /** @type {HTMLElement | null} */ (task.querySelector("[data-field='status'] .status"));
  if (shown) {
    shown.dataset.status = status;
    shown.textContent = labels[status] ?? status;
  }
  showDueNote(task);
}

/**
 * @param {Element} task
 * @param {number | null} user
 * @param {Record<string, string>} names
 */
function showAssignee(task, user, names) {
  const name = user === null ? "nobody" : (names[user] ?? "somebody");
  /** @type {HTMLElement} */ (task).dataset.assignee = String(user ?? "");
  setControl(task, "assignee", String(user ?? ""));
  const place = field(task, "assignee");
  if (place?.matches(".task-card-assignee")) place.replaceChildren(...(user === null ? [] : person(user, name)));
  else if (place) place.textContent = name;
  place?.classList.toggle("is-nobody", user === null);
}

/**
 * @param {number} user
 * @param {string} name
 */
function person(user, name) {
  const [avatar, words] = [document.createElement("span"), document.createElement("span")];
  Object.assign(avatar, { className: "avatar", ariaHidden: "true" });
  showAvatar(avatar, initials(name), String(user));
  Object.assign(words, { dir: "auto", textContent: name });
  return [avatar, words];
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
  const control = /** @type {HTMLInputElement | null} */ (task.querySelector(`.field-form [name="${name}"]`));
  const isUsed = control === document.activeElement || Boolean(control?.form?.dataset.typed);
  if (control && !isUsed) control.value = value;
}
