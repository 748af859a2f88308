// What the system shows of our news, from any page: withdrawn when it is read, gone when somebody signs out. And whether
// this browser may go on: a person who has signed in again is pushed to again.

/** @import { Boot, UnreadFrame } from "../frames.js" */

import { at } from "./addresses.js";
import { post } from "./posting.js";

const AGAIN = 15 * 60_000; // milliseconds between two times that a tab says that it is still here

/** Where the worker is registered; none where the browser has no such thing, as in some private windows. */
export async function registration() {
  return navigator.serviceWorker ? navigator.serviceWorker.getRegistration(at("")).catch(() => undefined) : undefined;
}

/** @param {Boot} boot */
export function keepDesktop(boot) {
  void goOn(boot);
  document.addEventListener("submit", ({ target }) => {
    if (target instanceof HTMLFormElement && target.matches("[data-signs-out]")) void withdrawAll();
  });
}

/** @param {Boot} boot */
async function goOn(boot) {
  const here = await registration();
  if (!here) return;
  if (!boot.push) return void here.unregister();
  const subscription = await here.pushManager.getSubscription();
  const said = `pushed-to-${boot.user_id}`;
  if (!subscription || Date.now() - Number(sessionStorage.getItem(said)) < AGAIN) return;
  const body = new FormData();
  body.append("endpoint", subscription.endpoint);
  const answer = await post(at("push/renew/"), body).catch(() => null);
  // 404: it is another's on this computer, or was removed. Nothing is sent to it, and the page of preferences says so.
  if (answer?.ok || answer?.status === 404) sessionStorage.setItem(said, String(Date.now()));
}

/**
 * Withdraw what tells only of events that were read just now; all of it where nothing is unread.
 * @param {{unread: UnreadFrame["unread"] | number, read?: UnreadFrame["read"]}} frame
 */
export async function withdrawRead({ unread, read }) {
  const total = typeof unread === "number" ? unread : unread.total;
  const ids = new Set(read?.event_ids ?? []);
  if (total && !ids.size) return;
  for (const shown of (await (await registration())?.getNotifications()) ?? []) {
    const events = /** @type {number[]} */ (shown.data?.events ?? []);
    if (events.length && (!total || events.every((event) => ids.has(event)))) shown.close();
  }
}

export async function withdrawAll() {
  for (const shown of (await (await registration())?.getNotifications()) ?? []) shown.close();
}
