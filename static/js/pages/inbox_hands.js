// What hands do in the inbox: rows opened and drawn aside, menus, selection, keys.

import { keepParts } from "../parts/thread_parts.js";
import { keepRowMenus, closeRowMenu } from "../parts/row_menus.js";
import { Selection } from "../parts/selection.js";
import { keepSwipes } from "../parts/swipe.js";
import { threadRowAt } from "../parts/thread_rows.js";
import { goOn, offerInboxKeys } from "./inbox_keys.js";

/**
 * @param {HTMLElement} rows
 * @param {import("./inbox.js").Inbox} inbox
 * @param {import("../parts/marking.js").Marking} marking
 */
export function keepInbox(rows, inbox, marking) {
  const form = /** @type {HTMLFormElement | null} */ (document.querySelector("[data-selection]"));
  const selection = form && new Selection(rows, form);
  keepParts(rows);
  keepRowMenus(rows);
  keepSwipes(rows, (row) => marking.act(row.dataset.state === "done" ? "undone" : "done", [row]));
  rows.addEventListener("acted", () => {
    const row = threadRowAt(document.activeElement);
    closeRowMenu();
    if (row?.classList.contains("is-closed") && !rows.matches(":hover")) goOn(rows, row);
    inbox.giveUpRoom();
  });
  form?.addEventListener("acted", () => {
    selection?.clear();
    inbox.giveUpRoom();
  });
  offerInboxKeys(rows, inbox, marking, selection);
}
