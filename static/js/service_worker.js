// Shows what is pushed while no page of the product is in sight. It has no fetch handler: pages and what they ask for do
// not pass here. A script of its own, which imports nothing; what it is sent, outbound/push/composing.py makes.

/// <reference lib="webworker" />

/**
 * @typedef {Object} News
 * @property {string} tag  one notification takes the place of another with the same
 * @property {string} title
 * @property {string} body
 * @property {number} [event]  where a click leads; none: the inbox
 * @property {number[]} [events]  what it tells of
 * @property {number[]} [read]  of earlier ones, what was read since
 * @property {boolean} [always]  also where a page is in sight
 *
 * @typedef {{events: number[], path: string}} Kept  with a notification that is shown
 */

const worker = /** @type {ServiceWorkerGlobalScope} */ (/** @type {unknown} */ (self));
const ROOT = worker.registration.scope;
// Pages where nobody writes: a click may lead one of them on.
const READING = new RegExp(`^${ROOT}(inbox|orgs/[^/]+/(tasks|board|history))/([?#]|$)`);
// Apple's push service ends a subscription that did not show something for each push, whatever is in sight.
const STRICT = "push.apple.com";

worker.addEventListener("install", () => void worker.skipWaiting());
worker.addEventListener("activate", (event) => event.waitUntil(worker.clients.claim()));
worker.addEventListener("push", (event) => event.waitUntil(pushed(event.data?.json())));
worker.addEventListener("notificationclick", (event) => event.waitUntil(clicked(event.notification)));

/** @param {News | undefined} news */
async function pushed(news) {
  if (!news) return;
  await withdraw(new Set(news.read));
  if (!news.always && (await isInSight()) && !(await mustShow())) return; // the page tells it in a toast
  const earlier = await worker.registration.getNotifications({ tag: news.tag });
  const events = [...new Set([...(news.events ?? []), ...earlier.flatMap((each) => kept(each).events)])];
  const path = news.event ? `inbox/${news.event}/` : "inbox/";
  // TypeScript's library does not know `renotify`: what takes another's place is news, too.
  const options = { body: news.body, tag: news.tag, renotify: true, data: { events, path } };
  await worker.registration.showNotification(news.title, options);
}

/** Close what tells only of events that were read. @param {Set<number>} read */
async function withdraw(read) {
  for (const shown of await worker.registration.getNotifications()) {
    const { events } = kept(shown);
    if (events.length && events.every((event) => read.has(event))) shown.close();
  }
}

/** Is a page visible that shows toasts? The administration's do not. */
async function isInSight() {
  const tabs = await worker.clients.matchAll({ type: "window", includeUncontrolled: true });
  return tabs.some((tab) => tab.visibilityState === "visible" && !tab.url.startsWith(`${ROOT}admin/`));
}

async function mustShow() {
  const subscription = await worker.registration.pushManager.getSubscription();
  return Boolean(subscription && new URL(subscription.endpoint).hostname.endsWith(STRICT));
}

/** @param {Notification} notification @returns {Kept} */
function kept(notification) {
  return notification.data ?? { events: [], path: "inbox/" };
}

/** Open what it tells of: in a tab that is there and where nobody writes, else in a new one. @param {Notification} told */
async function clicked(told) {
  told.close();
  const url = new URL(kept(told).path, ROOT).href;
  const tabs = await worker.clients.matchAll({ type: "window" });
  const tab = tabs.find((each) => each.url === url) ?? tabs.find((each) => READING.test(each.url));
  if (!tab) return void (await worker.clients.openWindow(url));
  const there = await tab.navigate(url);
  await there?.focus();
}
