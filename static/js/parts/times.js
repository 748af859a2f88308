// Times as people say them, in the reader's own time zone, kept true while the page stays open.

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const FINISHED = ["done", "cancelled"];

/** @param {Date} date */
export function clock(date) {
  return `${String(date.getHours()).padStart(2, "0")}:${String(date.getMinutes()).padStart(2, "0")}`;
}

/**
 * "24 Nov", with the year when it is another one.
 * @param {Date} date
 */
export function day(date, now = new Date()) {
  const words = `${date.getDate()} ${MONTHS[date.getMonth()]}`;
  return date.getFullYear() === now.getFullYear() ? words : `${words} ${date.getFullYear()}`;
}

/** A moment a little ahead is a clock that is a little wrong. @param {Date} date @param {Date} now */
function minutesAgo(date, now) {
  const passed = now.getTime() - date.getTime();
  if (passed >= HOUR) return "";
  const minutes = Math.floor(passed / MINUTE);
  return minutes > 0 ? `${minutes} min ago` : "just now";
}

/** @param {Date} date */
export function ago(date, now = new Date()) {
  const today = date.toDateString() === now.toDateString();
  return minutesAgo(date, now) || (today ? clock(date) : day(date, now));
}

/** For a list whose headings name the day. @param {Date} date */
export function clockAgo(date, now = new Date()) {
  return minutesAgo(date, now) || clock(date);
}

/** @param {Date} date */
export function moment(date, now = new Date()) {
  return `${day(date, now)}, ${clock(date)}`;
}

/** "10:02" today, "20 Nov, 10:02" on any other day. @param {Date} date */
function clockOrMoment(date, now = new Date()) {
  return date.toDateString() === now.toDateString() ? clock(date) : moment(date, now);
}

/**
 * A date without a time ("2026-11-24") is the same day everywhere.
 * @param {string} iso
 */
export function dateOf(iso) {
  const [year, month, date] = iso.split("-").map(Number);
  return new Date(year, month - 1, date);
}

/**
 * What is urgent about a due date, in a word.
 * @param {string} iso
 * @param {string} status
 */
export function dueNote(iso, status, now = new Date()) {
  if (FINISHED.includes(status)) return "";
  const today = new Date(now.getFullYear(), now.getMonth(), now.getDate());
  const days = Math.round((dateOf(iso).getTime() - today.getTime()) / (24 * HOUR));
  return days < 0 ? "overdue" : (["today", "tomorrow"][days] ?? "");
}

/** @type {[string, (date: Date) => string][]} */
const PLACES = [
  ["#inbox-rows time", clockAgo],
  ["#bell-rows time, #task-rows time[data-field='updated']", ago],
  [".timeline time", clockOrMoment],
  [".log time", clock],
  [".task-side time, .look-back time", moment],
];

/** @param {ParentNode} root */
export function refreshTimes(root = document) {
  for (const [selector, words] of PLACES) {
    for (const element of /** @type {NodeListOf<HTMLTimeElement>} */ (root.querySelectorAll(selector))) {
      if (element.dateTime.includes("T")) show(element, words(new Date(element.dateTime)));
    }
  }
}

/** @param {Element} element @param {string} text */
function show(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/**
 * Each minute; and a word when the day changes, here or where the server may be, because headings name days.
 * @param {() => void} newDay
 */
export function keepTimes(newDay) {
  let today = days();
  refreshTimes();
  setInterval(() => {
    refreshTimes();
    if (today === days()) return;
    today = days();
    newDay();
  }, MINUTE);
}

function days() {
  const now = new Date();
  return `${now.toDateString()} ${now.toISOString().slice(0, 10)}`;
}
