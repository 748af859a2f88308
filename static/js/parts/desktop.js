// What the system shows of our news, from any page: withdrawn when it is read, gone when somebody signs out. And whether
// this browser may go on: a person who has signed in again is pushed to again.

/** @import { Boot } from "../frames.js" */

import { at } from "./addresses.js";
import { post } from "./posting.js";

const AGAIN = 15 * 60_000; // milliseconds between two times that a tab says that it is still here
const PAUSE = 300; // milliseconds: what is read at once is asked for once
const MOST = 500; // events

let asking = 0;

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
  readSomething();
  const subscription = await here.pushManager.getSubscription();
  const said = `pushed-to-${boot.user_id}`;
  if (!subscription || Date.now() - Number(sessionStorage.getItem(said)) < AGAIN) return;
  const body = new FormData();
  body.append("endpoint", subscription.endpoint);
  const answer = await post(at("push/renew/"), body).catch(() => null);
  if (answer?.ok) sessionStorage.setItem(said, String(Date.now()));
}

/** Something was read, here or elsewhere. */
export function readSomething() {
  asking ||= setTimeout(withdrawRead, PAUSE);
}

/** Withdraw what tells only of events that are unread no more. */
async function withdrawRead() {
  asking = 0;
  const here = await registration();
  const shown = ((await here?.getNotifications()) ?? []).filter(({ data }) => data?.events?.length);
  if (!shown.length) return;
  const events = shown.flatMap(({ data }) => /** @type {number[]} */ (data.events));
  const answer = await fetch(at(`push/read/?events=${events.slice(0, MOST).join()}`)).catch(() => null);
  if (!answer?.ok) return;
  const read = new Set((await answer.json()).read);
  for (const each of shown) if (each.data.events.every((/** @type {number} */ event) => read.has(event))) each.close();
}

export async function withdrawAll() {
  for (const shown of (await (await registration())?.getNotifications()) ?? []) shown.close();
}
