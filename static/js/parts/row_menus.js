// The menus of a row, snooze and more: opened in place, where without scripts the page is read again with one open.

import { at } from "./addresses.js";
import { readRow } from "./thread_parts.js";
import { threadRowAt } from "./thread_rows.js";

const OPEN = ".row-menu";

/** @param {HTMLElement} rows */
export function keepRowMenus(rows) {
  rows.addEventListener("click", (event) => {
    const link = /** @type {HTMLAnchorElement | null} */ (
      /** @type {Element} */ (event.target).closest("a[data-act='snooze'], a[data-act='more']")
    );
    const row = threadRowAt(link);
    if (!link || !row || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const kind = link.dataset.act === "more" ? "more" : "snooze";
    if (row.querySelector(`${OPEN}[data-menu="${kind}"]`)) closeRowMenu();
    else openRowMenu(row, kind);
  });
  document.addEventListener("pointerdown", (event) => {
    const target = /** @type {Element} */ (event.target);
    if (!target.closest(OPEN) && !target.closest("[data-act='snooze'], [data-act='more']")) closeRowMenu(false);
  });
}

export function isRowMenuOpen() {
  return document.querySelector(OPEN) !== null;
}

/** @param {HTMLElement} row @param {"snooze" | "more"} kind */
export async function openRowMenu(row, kind) {
  closeRowMenu(false);
  const link = /** @type {HTMLAnchorElement | null} */ (row.querySelector(`.notification-acts [data-act="${kind}"]`));
  const template = /** @type {HTMLTemplateElement | null} */ (document.getElementById(`${kind}-menu`));
  const menu = template?.content.firstElementChild?.cloneNode(true);
  if (!link || !(menu instanceof HTMLElement)) return;
  for (const [name, value] of [["threads", `${row.dataset.stream}:${row.dataset.event}`], ["stream", row.dataset.stream ?? ""]])
    for (const field of menu.querySelectorAll(`[name="${name}"]`)) field.setAttribute("value", value);
  menu.querySelector("[data-act='why']")?.setAttribute("href", at(`inbox/${row.dataset.event}/why/`));
  link.closest("form")?.after(menu);
  focusFirst(menu);
  const served = kind === "more" ? (await readRow(link.href, row))?.querySelector(OPEN) : null;
  if (!served || !menu.isConnected) return;
  const place = controls(menu).indexOf(/** @type {HTMLElement} */ (document.activeElement));
  menu.replaceChildren(...served.childNodes);
  (controls(menu)[place] ?? controls(menu)[0])?.focus();
}

/** @param {boolean} goesBack  whether the focus goes back to what opened it */
export function closeRowMenu(goesBack = true) {
  const menu = /** @type {HTMLElement | null} */ (document.querySelector(OPEN));
  const row = threadRowAt(menu);
  const kind = menu?.dataset.menu;
  menu?.remove();
  const opener = /** @type {HTMLElement | null} */ (row?.querySelector(`.notification-acts [data-act="${kind}"]`) ?? null);
  if (goesBack) opener?.focus({ preventScroll: true });
}

/** @param {HTMLElement} menu */
function focusFirst(menu) {
  controls(menu)[0]?.focus({ preventScroll: true });
}

/** @param {HTMLElement} menu @returns {HTMLElement[]} */
function controls(menu) {
  const found = /** @type {NodeListOf<HTMLElement>} */ (menu.querySelectorAll("a, button, input:not([type='hidden'])"));
  return [...found].filter((one) => one.offsetParent !== null);
}
