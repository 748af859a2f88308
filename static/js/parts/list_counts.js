// What stands in numbers around the inbox's list: how much is in each list, in each organization, and for each reason.

import { belongs } from "../live/list_query.js";
import { MOST } from "../live/unread.js";

const OWN = ["mentioned", "assigned"];

/** @param {{total: number, orgs: Record<string, number>}} unread */
export function showUnreadLists({ total, orgs }) {
  for (const code of ["inbox", "unread"]) show(`[data-count-of="${code}"]`, total);
  for (const [org, count] of Object.entries(orgs)) show(`[data-org-unread="${org}"]`, count);
}

/** @param {import("../frames.js").StateCounts} counts */
export function showStates({ saved, snoozed }) {
  show('[data-count-of="saved"]', saved);
  show('[data-count-of="snoozed"]', snoozed);
}

/**
 * One more, of the reasons that the list may be narrowed down to.
 * @param {import("../live/list_query.js").Query} query
 * @param {import("./rows.js").Told} frame
 */
export function countNews(query, frame) {
  const { reason, unread } = frame.notification;
  if (unread && OWN.includes(reason)) add('[data-count-of="mine"]');
  if (!belongs({ ...query, reasons: [], not_reasons: [] }, frame)) return;
  const chip = OWN.includes(reason) || reason === "org" ? reason : "mine";
  for (const code of ["", chip]) add(`[data-chip="${code}"]`);
}

/** @param {string} selector */
function add(selector) {
  const count = Number(document.querySelector(selector)?.textContent);
  if (Number.isInteger(count)) show(selector, count + 1);
}

/** @param {string} selector @param {number} count */
function show(selector, count) {
  for (const element of document.querySelectorAll(selector)) {
    element.textContent = count > MOST ? `${MOST}+` : String(count);
    if (!element.matches("[data-chip]")) element.toggleAttribute("hidden", count === 0);
  }
}
