// Rows of the inbox as they stand on the page: read for the list that is kept of them, and painted from it, each in its
// place. A row never changes its height.

import { at } from "./addresses.js";
import { freshen, initials, notificationPath, slotsOf, showAvatar } from "./rows.js";
import { refreshTimes } from "./times.js";

const MOST = 99;
const ROW = "#inbox-rows .notification[data-stream]"; // the bell has rows of threads too
const WOKEN = "Back from snooze";
const LABELS = { unread: "unread again", read: "read", done: "done", snoozed: "snoozed", saved: "saved" };

/** @typedef {import("../live/thread.js").Row} Row */

/** @param {ParentNode} root @returns {HTMLElement[]} */
export function threadRows(root) {
  return [...root.querySelectorAll(ROW)].map((row) => /** @type {HTMLElement} */ (row));
}

/** @param {Element | null} element @returns {HTMLElement | null} */
export function threadRowAt(element) {
  return /** @type {HTMLElement | null} */ (element?.closest(ROW) ?? null);
}

/** @param {HTMLElement} row */
export function linkOf(row) {
  return /** @type {HTMLElement | null} */ (row.querySelector("a[data-slot='link']"));
}

/**
 * What the server told of its rows.
 * @param {ParentNode} root
 * @returns {import("../live/thread.js").PageRow[]}
 */
export function toldIn(root) {
  return threadRows(root).map((row, i) => {
    const { stream = "", org, event, unread, count } = row.dataset;
    const isWoken = row.closest("[data-day]")?.getAttribute("data-day") === WOKEN;
    return {
      stream,
      org: Number(org),
      event: Number(event),
      unread: Number(unread),
      count: Number(count),
      woken: isWoken ? i + 1 : 0,
    };
  });
}

/**
 * @param {HTMLElement} row
 * @param {Row} now
 */
export function paint(row, { stream, event, unread, count, state, isOut }) {
  const painted = [event, unread, count, state, isOut].join();
  if (row.dataset.painted === painted) return;
  Object.assign(row.dataset, { painted, event, unread, count, state });
  row.classList.toggle("is-unread", unread > 0);
  row.classList.toggle("is-out", isOut);
  for (const field of row.querySelectorAll(":scope > * > [name='threads'], :scope > * > * > [name='threads']"))
    field.setAttribute("value", `${stream}:${event}`);
  showCount(row, unread, count);
  showReason(row, isOut ? /** @type {Record<string, string>} */ (LABELS)[state] : undefined);
  showToggle(row, "save", "unsave", state === "saved");
  showToggle(row, "done", "undone", state === "done");
}

/** @param {HTMLElement} row @param {number} unread @param {number} count */
function showCount(row, unread, count) {
  const slot = row.querySelector("[data-slot='new']");
  const many = unread || count;
  const said = many > MOST ? `${MOST}+` : String(many);
  if (slot) slot.textContent = many < 2 ? "" : unread ? `${said} new` : said;
  slot?.toggleAttribute("hidden", many < 2);
  row.querySelector(".thread-toggle")?.toggleAttribute("hidden", count < 2);
}

/** A row that has left the list says where it is now. @param {HTMLElement} row @param {string | undefined} now */
function showReason(row, now) {
  const slot = /** @type {HTMLElement | null} */ (row.querySelector("[data-slot='reason']"));
  if (!slot) return;
  if (now) slot.dataset.was ??= slot.textContent ?? "";
  else if (slot.dataset.was === undefined) return;
  slot.textContent = now ?? slot.dataset.was ?? "";
  if (!now) delete slot.dataset.was;
}

/**
 * A button that does the one thing or takes it back.
 * @param {HTMLElement} row
 * @param {"save" | "done"} act
 * @param {"unsave" | "undone"} back
 * @param {boolean} isDone
 */
function showToggle(row, act, back, isDone) {
  const [now, other] = isDone ? [back, act] : [act, back];
  const button = /** @type {HTMLButtonElement | null} */ (row.querySelector(`.notification-acts [data-act="${other}"]`));
  if (!button) return;
  const { title, icon, words } = BUTTONS[now];
  Object.assign(button, { title, value: `${now}-threads` });
  button.dataset.act = now;
  button.toggleAttribute("aria-pressed", now === "unsave");
  if (now === "unsave") button.setAttribute("aria-pressed", "true");
  const use = button.querySelector("use");
  use?.setAttribute("href", (use.getAttribute("href") ?? "").replace(/#.*/, `#${icon}`));
  const said = button.querySelector(".visually-hidden");
  if (said) said.textContent = words;
}

/** As the server draws them. */
const BUTTONS = {
  save: { title: "Save (s)", icon: "star", words: "Save" },
  unsave: { title: "Take out of Saved (s)", icon: "star-full", words: "Take out of Saved" },
  done: { title: "Done (e)", icon: "check", words: "Done" },
  undone: { title: "Back to the inbox", icon: "back", words: "Back to the inbox" },
};

/**
 * What the thread's newest event says, in a row that stays where it is.
 * @param {HTMLElement} row
 * @param {import("./rows.js").Told} frame
 * @param {{reasons: Record<string, string>, org: string, words: string}} list  labels, the strongest first; what the
 *   organization is called; the words of the list's address
 * @param {number} count  of what is new in it, or of all where nothing is
 */
export function paintNews(row, frame, { reasons, org, words }, count) {
  const slots = slotsOf(frame, reasons);
  const body = /** @type {HTMLElement | null} */ (row.querySelector(".notification-body"));
  const height = body?.offsetHeight ?? 0;
  const deed = slots.excerpt ? `“${slots.excerpt}”` : slots.sentence.replace(frame.key, "it");
  const alone = slots.excerpt ? `${slots.actor}: ${deed}` : deed;
  const who = count > 1 ? `${people(row, slots)}, ${count} changes ·` : "";
  const said = count > 1 && deed.startsWith(`${slots.actor} `) ? deed.slice(slots.actor.length + 1) : deed;
  fill(row, { title: slots.title, key: frame.key, said: count > 1 ? said : alone, who });
  linkOf(row)?.setAttribute("href", notificationPath(frame) + (words && `?q=${encodeURIComponent(words)}`));
  showTime(row, frame.created_at);
  const avatar = row.querySelector(":scope > .avatar");
  if (avatar) showAvatar(avatar, initials(frame.actor), slots.actor_id);
  showStronger(row, frame.notification.reason, reasons, org);
  if (body && body.offsetHeight !== height) Object.assign(body.style, { height: `${height}px`, overflow: "clip" });
  freshen(row);
}

/**
 * Who did it: as far as the row has told. The server's page names the others.
 * @param {HTMLElement} row
 * @param {{actor: string, avatar: string, actor_id: string}} slots  of who did it last
 */
function people(row, { actor, avatar }) {
  const told = row.querySelector("[data-slot='who']")?.textContent ?? "";
  const before = told.replace(/(, \d+ changes)? ·$/, "");
  if (before) return before.startsWith(actor) ? before : `${actor} and others`;
  return row.querySelector(":scope > .avatar")?.textContent?.trim() === avatar ? actor : `${actor} and 1 other`;
}

/** @param {HTMLElement} row @param {Record<string, string>} slots */
function fill(row, slots) {
  for (const [name, text] of Object.entries(slots)) {
    for (const slot of row.querySelectorAll(`[data-slot='${name}']`)) slot.textContent = text;
  }
}

/** @param {HTMLElement} row @param {string} moment */
function showTime(row, moment) {
  const time = /** @type {HTMLTimeElement | null} */ (row.querySelector("time[data-slot='time']"));
  if (time) time.dateTime = moment;
  refreshTimes(row);
}

/** @param {HTMLElement} row @param {string} reason @param {Record<string, string>} reasons @param {string} org */
function showStronger(row, reason, reasons, org) {
  const strength = Object.keys(reasons);
  const isUnread = row.classList.contains("is-unread");
  if (isUnread && strength.indexOf(reason) > strength.indexOf(row.dataset.reason ?? "")) return;
  if (reason === row.dataset.reason) return;
  row.dataset.reason = reason;
  const label = reasons[reason] ?? reason;
  fill(row, { reason: reason === "org" ? `${label} in ${org}` : label });
}

/** The address of all acts. */
export const MARKS = at("inbox/mark/");
