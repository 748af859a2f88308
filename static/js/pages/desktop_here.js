// Turns desktop notifications on and off in this browser, by a click; and says why where it cannot.

import { at } from "../parts/addresses.js";
import { registration } from "../parts/desktop.js";
import { post } from "../parts/posting.js";

const WORKER = at("service-worker.js");
const WORDS = {
  insecure: "Browsers allow desktop notifications over https only.",
  none: "This browser has no desktop notifications, or not in a private window. On an iPhone or iPad there are none either.",
  denied:
    "This browser does not let Carillon show notifications. Allow them in the settings of this site, beside its address, " +
    "and load the page again. A private window never allows them.",
  dismissed: "You have not decided. Press the button again and choose “Allow”.",
  unreachable:
    "The browser could not reach its push service. Try again in a moment; some private windows and networks never can.",
  offline: "The server cannot be reached. Try again in a moment.",
  on: "On in this browser.",
  off: "Off in this browser.",
};

class Here {
  #place;
  #key;

  /** @param {HTMLElement} place */
  constructor(place) {
    this.#place = place;
    this.#key = place.dataset.key ?? "";
    place.addEventListener("click", ({ target }) => {
      const act = target instanceof HTMLElement && target.dataset.act;
      if (act === "turn-on") void this.#busy(() => this.#turnOn());
      if (act === "turn-off") void this.#busy(() => this.#turnOff());
    });
  }

  async show() {
    this.#place.hidden = false;
    if (!window.isSecureContext) return this.#say(WORDS.insecure);
    if (!navigator.serviceWorker || !("PushManager" in window) || !("Notification" in window)) return this.#say(WORDS.none);
    const subscription = await this.#subscription();
    const isAllowed = Notification.permission === "granted";
    if (isAllowed && subscription && (await this.#isOn(subscription))) this.#offer("turn-off", WORDS.on);
    else if (Notification.permission === "denied") this.#say(WORDS.denied);
    else this.#offer("turn-on", WORDS.off);
  }

  async #subscription() {
    return (await registration())?.pushManager.getSubscription() ?? null;
  }

  /** Is it this person's, and not another's on this computer or removed? @param {PushSubscription} subscription */
  async #isOn(subscription) {
    const answer = await this.#tell("renew", subscription).catch(() => null);
    return Boolean(answer?.ok && (await answer.json()).on);
  }

  /** @param {() => Promise<void>} act */
  async #busy(act) {
    for (const button of this.#buttons) button.disabled = true;
    await act().catch(() => this.#say(WORDS.offline));
    for (const button of this.#buttons) button.disabled = false;
  }

  async #turnOn() {
    const answer = await Notification.requestPermission();
    if (answer === "denied") return this.#say(WORDS.denied);
    if (answer !== "granted") return this.#offer("turn-on", WORDS.dismissed);
    await navigator.serviceWorker.register(WORKER, { scope: at("") });
    const { pushManager } = await navigator.serviceWorker.ready;
    const subscription = await subscribed(pushManager, this.#key);
    if (!subscription) return this.#offer("turn-on", WORDS.unreachable);
    const told = await this.#tell("subscribe", subscription);
    if (told.ok) location.reload(); // the list below has it now
    else this.#offer("turn-on", (await told.json()).error.message);
  }

  async #turnOff() {
    const subscription = await this.#subscription();
    if (subscription) await this.#tell("unsubscribe", subscription);
    await subscription?.unsubscribe();
    location.reload();
  }

  /** @param {string} what @param {PushSubscription} subscription */
  #tell(what, subscription) {
    const { endpoint, keys } = subscription.toJSON();
    const body = new FormData();
    for (const [name, value] of Object.entries({ endpoint, ...keys })) body.append(name, value ?? "");
    return post(at(`push/${what}/`), body);
  }

  /** @param {string} act @param {string} words */
  #offer(act, words) {
    this.#say(words);
    for (const button of this.#buttons) button.hidden = button.dataset.act !== act;
  }

  /** @param {string} words */
  #say(words) {
    const state = this.#place.querySelector("[data-slot='state']");
    if (state) state.textContent = words;
    for (const button of this.#buttons) button.hidden = true;
  }

  get #buttons() {
    return this.#place.querySelectorAll("button");
  }
}

/**
 * The browser's subscription for our key; one for an older key of ours goes first.
 * @param {PushManager} manager
 * @param {string} key
 */
async function subscribed(manager, key) {
  const options = { userVisibleOnly: true, applicationServerKey: key };
  try {
    return await manager.subscribe(options);
  } catch (error) {
    if (!(error instanceof DOMException) || error.name !== "InvalidStateError") return null;
    await (await manager.getSubscription())?.unsubscribe();
    return manager.subscribe(options).catch(() => null);
  }
}

const place = document.getElementById("desktop-here");
if (place) void new Here(place).show();
