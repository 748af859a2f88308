// What lies underneath a thread, shown in its row: the server's own list, read from the address that the row leads to.

import { morph } from "./morph.js";
import { threadRowAt } from "./thread_rows.js";
import { refreshTimes } from "./times.js";

/** A row's part of a page of ours. @param {string} address @param {HTMLElement} row @returns {Promise<Element | null>} */
export async function readRow(address, row) {
  try {
    const response = await fetch(address, { headers: { Accept: "text/html" }, cache: "no-store" });
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    return page.querySelector(`#inbox-rows [data-stream="${CSS.escape(row.dataset.stream ?? "")}"]`);
  } catch {
    return null; // the link still leads there
  }
}

/** @param {HTMLElement} rows */
export function keepParts(rows) {
  rows.addEventListener("click", (event) => {
    const link = /** @type {HTMLAnchorElement | null} */ (/** @type {Element} */ (event.target).closest("[data-act='open-thread']"));
    const older = /** @type {HTMLAnchorElement | null} */ (/** @type {Element} */ (event.target).closest("[data-act='older-parts']"));
    const row = threadRowAt(link ?? older);
    if (!row || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    if (older) addOlder(row, older);
    else toggleParts(row);
  });
}

/** @param {HTMLElement} row @param {boolean} [open]  or the other way round */
export async function toggleParts(row, open = !isOpen(row)) {
  const toggle = /** @type {HTMLAnchorElement | null} */ (row.querySelector(".thread-toggle"));
  if (!toggle || open === isOpen(row) || toggle.hidden) return;
  if (!open) row.querySelector(".thread-parts")?.remove();
  else await show(row, toggle);
  const isShown = isOpen(row);
  toggle.setAttribute("aria-expanded", String(isShown));
  const word = toggle.querySelector(".visually-hidden")?.firstChild;
  if (word) word.nodeValue = isShown ? "Hide all of " : "Show all of ";
}

/** The parts again, as they are now. @param {HTMLElement} row */
export async function refreshParts(row) {
  const toggle = /** @type {HTMLAnchorElement | null} */ (row.querySelector(".thread-toggle"));
  toggle?.setAttribute("aria-expanded", "true");
  if (toggle) await show(row, toggle);
}

/** @param {HTMLElement} row */
export function isOpen(row) {
  return row.querySelector(".thread-parts") !== null;
}

/** @param {HTMLElement} row @param {HTMLAnchorElement} toggle */
async function show(row, toggle) {
  const fresh = (await readRow(opened(toggle.href, row), row))?.querySelector(".thread-parts");
  const old = row.querySelector(".thread-parts");
  if (!fresh) return;
  if (old) morph(old, fresh);
  else row.append(document.adoptNode(fresh));
  refreshTimes(row);
}

/** The page with this row open, whatever was open when the link was made. @param {string} href @param {HTMLElement} row */
function opened(href, row) {
  const url = new URL(href);
  url.searchParams.set("open", row.dataset.stream ?? "");
  return url.href;
}

/** @param {HTMLElement} row @param {HTMLAnchorElement} link */
async function addOlder(row, link) {
  const fresh = (await readRow(link.href, row))?.querySelector(".thread-parts");
  if (!fresh) return;
  link.closest("p")?.remove();
  row.querySelector(".thread-parts")?.append(...fresh.childNodes);
  refreshTimes(row);
}
