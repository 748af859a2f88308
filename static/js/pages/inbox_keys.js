// The inbox by keys: the row that has the focus is the one that they act on, and the focus goes on to the next when it
// leaves.

import { rowAfter } from "../parts/closing.js";
import { offer } from "../parts/keyboard.js";
import { closeRowMenu, isRowMenuOpen, openRowMenu } from "../parts/row_menus.js";
import { rowSteps } from "../parts/row_steps.js";
import { isOpen, toggleParts } from "../parts/thread_parts.js";
import { linkOf, threadRowAt } from "../parts/thread_rows.js";

/** @typedef {import("../live/acts.js").Act} Act */

/**
 * @param {HTMLElement} rows
 * @param {import("./inbox.js").Inbox} inbox
 * @param {import("../parts/marking.js").Marking} marking
 * @param {import("../parts/selection.js").Selection | null} selection
 */
export function offerInboxKeys(rows, inbox, marking, selection) {
  const current = () => threadRowAt(document.activeElement);
  const isOn = () => current() !== null || (selection?.selected.length ?? 0) > 0;

  /** On what is selected, else on the row that has the focus. @param {Act} act */
  const press = (act) => {
    const row = current();
    const meant = selection?.selected.length ? selection.selected : row ? [row] : [];
    marking.act(act, meant);
    selection?.clear();
    if (row?.classList.contains("is-closed")) goOn(rows, row);
    inbox.giveUpRoom();
  };
  /** @param {string} name @param {Act} one @param {Act} other */
  const either = (name, one, other) => press(current()?.dataset.state === name ? other : one);

  offer([
    { keys: ["Escape"], words: "close the menu", act: () => closeRowMenu(), when: isRowMenuOpen },
    ...rowSteps("#inbox-rows .notification:not(.is-closed) a[data-slot='link']", ".notification"),
    { keys: ["o", "Enter"], words: "open", act: () => open(current()), when: () => current() !== null },
    { keys: ["x"], words: "select", act: () => selected(current(), selection), when: () => current() !== null },
    { keys: ["Escape"], words: "select nothing", act: () => selection?.clear(), when: () => Boolean(selection?.selected.length) },
    { keys: ["e"], words: "done, or back to the inbox", act: () => either("done", "done", "undone"), when: isOn },
    { keys: ["s"], words: "save, or take out of Saved", act: () => either("saved", "save", "unsave"), when: isOn },
    { keys: ["h"], words: "snooze", act: () => snooze(current()), when: () => current() !== null },
    { keys: ["m"], words: "mute the task", act: () => mute(current()), when: () => current() !== null && canMute() },
    { keys: ["shift+i"], words: "mark read", act: () => press("read"), when: isOn },
    { keys: ["shift+u"], words: "mark unread", act: () => press("unread"), when: isOn },
    { keys: ["ArrowRight"], words: "show all updates on a task", act: () => parts(current(), true), when: () => isClosedRow(current()) },
    { keys: ["ArrowLeft"], words: "hide them", act: () => parts(current(), false), when: () => isOpenRow(current()) },
    { keys: ["."], words: "show what is new", act: () => inbox.wantsNews(), when: () => inbox.hasNews },
  ]);
}

/** The focus goes on to the next row. @param {HTMLElement} rows @param {HTMLElement} row */
export function goOn(rows, row) {
  const next = rowAfter(rows, row);
  if (next) linkOf(next)?.focus();
}

/** @param {HTMLElement | null} row */
function open(row) {
  if (row) linkOf(row)?.click();
}

/** @param {HTMLElement | null} row @param {import("../parts/selection.js").Selection | null} selection */
function selected(row, selection) {
  if (row) selection?.toggle(row);
}

/** @param {HTMLElement | null} row */
function snooze(row) {
  if (row) openRowMenu(row, "snooze");
}

/** @returns {HTMLFormElement | null} */
function muteForm() {
  const template = /** @type {HTMLTemplateElement | null} */ (document.getElementById("more-menu"));
  return template?.content.querySelector("[data-act='mute']")?.closest("form") ?? null;
}

function canMute() {
  return muteForm() !== null;
}

/** @param {HTMLElement | null} row */
function mute(row) {
  const form = /** @type {HTMLFormElement | undefined} */ (muteForm()?.cloneNode(true));
  if (!form || !row) return;
  form.querySelector("[name='stream']")?.setAttribute("value", row.dataset.stream ?? "");
  form.hidden = true;
  document.body.append(form);
  form.requestSubmit(/** @type {HTMLElement | null} */ (form.querySelector("[data-act='mute']")));
}

/** @param {HTMLElement | null} row @param {boolean} isWanted */
function parts(row, isWanted) {
  if (row) toggleParts(row, isWanted);
}

/** @param {HTMLElement | null} row */
function isOpenRow(row) {
  return row !== null && isOpen(row);
}

/** @param {HTMLElement | null} row */
function isClosedRow(row) {
  return row !== null && !isOpen(row);
}
