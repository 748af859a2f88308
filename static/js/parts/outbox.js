// Acts on their way to the server. Each is kept in this browser until it was answered: in order, one at a time over all
// tabs, tried again for as long as there is no network, and lost by no navigation.

import { post } from "./posting.js";
import { backoff } from "../live/backoff.js";

const FAILED = "That was not saved. Nothing else is lost: try again in a moment.";
const SIGNED_OUT = "That was not saved, because your sign-in has changed. Reload the page and try again.";
const LATER = [408, 425, 429, 502, 503, 504]; // another try may help

/**
 * @typedef {Object} Kept
 * @property {string} id
 * @property {string} url
 * @property {[string, string][]} fields
 * @property {Meant} meant
 * @property {string} tab
 *
 * @typedef {{act: string, key: string, threads: number}} Meant  for the words of an undo: the only thread's key, or ""
 *
 * @typedef {{revision: number, mark: number, changed: number}} Answer
 * @typedef {Object} Outcome  `answer`: null where the server refused; `isMine`: this tab did it
 * @property {string} id
 * @property {Meant} meant
 * @property {Answer | null} answer
 * @property {string} complaint
 * @property {string} tab
 * @property {boolean} [isMine]
 *
 * @typedef {Object} Sender
 * @property {(outcome: Outcome) => void} settled
 * @property {(count: number) => void} waits  how many wait for the network; 0 once all are saved
 */

export class Outbox {
  #name;
  #sender;
  /** @type {BroadcastChannel | null} */
  #channel = null;
  /** @type {Map<string, string>} where the browser keeps nothing */
  #own = new Map();
  #failures = 0;
  #isSending = false;
  #sending = ""; // the act that is on its way
  #timer = 0;
  #revision = 0; // of the last answer: what this person has just changed is no surprise to them
  #made = 0;

  /**
   * @param {number} user
   * @param {Sender} sender
   */
  constructor(user, sender) {
    this.#name = `carillon-acts:${user}:`;
    this.#sender = sender;
    addEventListener("pagehide", () => this.#channel?.close()); // else the page is not kept for the way back
    addEventListener("pageshow", () => this.#listen());
    for (const kind of ["online", "focus"]) addEventListener(kind, () => this.hurry());
    this.#listen();
  }

  /**
   * @param {string} url
   * @param {FormData} form
   * @param {Meant} meant
   * @returns {string} the id of the act
   */
  put(url, form, meant) {
    this.#made += 1;
    const id = `${Date.now()}.${String(this.#made).padStart(6, "0")}.${Math.random().toString(36).slice(2)}`;
    const fields = [...form].filter(([name]) => name !== "csrfmiddlewaretoken").map(([name, value]) => [name, String(value)]);
    this.#keep(id, JSON.stringify({ id, url, fields, meant, tab: TAB }));
    if (this.#failures) this.#sender.waits(this.waiting.length);
    this.hurry();
    return id;
  }

  /** Take back what has not been sent. @param {string} id @returns {boolean} false where it is on its way, or was sent */
  withdraw(id) {
    if (id === this.#sending) return false;
    const was = this.#drop(id);
    this.#sender.waits(this.#failures ? this.waiting.length : 0);
    return was;
  }

  /** @returns {string[]} ids, the oldest first */
  get waiting() {
    return this.#keys().sort();
  }

  /** The network may be back. */
  hurry() {
    clearTimeout(this.#timer);
    if (!this.#isSending && this.waiting.length) this.#send();
  }

  #listen() {
    this.#channel?.close();
    this.#channel = "BroadcastChannel" in window ? new BroadcastChannel(this.#name) : null;
    if (this.#channel) this.#channel.onmessage = ({ data }) => this.#heard(data);
    this.hurry();
  }

  async #send() {
    this.#isSending = true;
    await alone(this.#name, () => this.#sendAll());
    this.#isSending = false;
  }

  async #sendAll() {
    for (let [id] = this.waiting; id; [id] = this.waiting) {
      const kept = this.#read(id);
      this.#sending = id;
      const outcome = kept ? await this.#post(kept) : null;
      this.#sending = "";
      if (kept && !outcome) return this.#failed();
      if (!this.#drop(id) || !kept || !outcome) continue; // withdrawn meanwhile
      if (outcome.answer) this.#revision = Math.max(this.#revision, outcome.answer.revision);
      this.#channel?.postMessage(outcome);
      this.#tell(outcome);
    }
    if (this.#failures) this.#sender.waits(0);
    this.#failures = 0;
  }

  #failed() {
    this.#failures += 1;
    this.#sender.waits(this.waiting.length);
    this.#timer = setTimeout(() => this.hurry(), 1_000 + backoff(this.#failures, Math.random));
  }

  /** @param {Kept} kept @returns {Promise<Outcome | null>} null where another try may help */
  async #post({ id, url, fields, meant, tab }) {
    const body = new FormData();
    for (const [name, value] of fields) body.append(name, name === "revision" ? this.#known(value) : value);
    try {
      const response = await post(url, body);
      if (LATER.includes(response.status)) return null;
      if (response.ok) return { id, meant, tab, answer: answerOf(response), complaint: "" };
      return { id, meant, tab, answer: null, complaint: await complaintOf(response) };
    } catch {
      return null;
    }
  }

  /** @param {string} pressed */
  #known(pressed) {
    return String(Math.max(Number(pressed), this.#revision));
  }

  /** Another tab sent an act, maybe one of this tab. @param {Outcome} outcome */
  #heard(outcome) {
    if (outcome.answer) this.#revision = Math.max(this.#revision, outcome.answer.revision);
    this.#tell(outcome);
  }

  /** @param {Outcome} outcome */
  #tell(outcome) {
    this.#sender.settled({ ...outcome, isMine: outcome.tab === TAB });
  }

  /** @param {string} id @param {string} text */
  #keep(id, text) {
    try {
      localStorage.setItem(this.#name + id, text);
    } catch {
      this.#own.set(id, text);
    }
  }

  /** @param {string} id @returns {Kept | null} */
  #read(id) {
    try {
      return JSON.parse(this.#own.get(id) ?? localStorage.getItem(this.#name + id) ?? "null");
    } catch {
      return null;
    }
  }

  /** @param {string} id @returns {boolean} whether it was there */
  #drop(id) {
    const was = this.#keys().includes(id);
    this.#own.delete(id);
    if (was) removed(this.#name + id);
    return was;
  }

  #keys() {
    const stored = keysOfStorage().filter((key) => key.startsWith(this.#name));
    return [...stored.map((key) => key.slice(this.#name.length)), ...this.#own.keys()];
  }
}

/** Names this tab, whichever page it shows. */
const TAB = tabName();

function tabName() {
  const name = Math.random().toString(36).slice(2);
  try {
    const kept = sessionStorage.getItem("carillon-tab") ?? name;
    sessionStorage.setItem("carillon-tab", kept);
    return kept;
  } catch {
    return name;
  }
}

/** @param {Response} response @returns {Answer} */
function answerOf({ headers }) {
  const number = (/** @type {string} */ name) => Number(headers.get(name) ?? 0);
  return { revision: number("X-Inbox-Revision"), mark: number("X-Inbox-Mark"), changed: number("X-Inbox-Changed") };
}

/** @param {Response} response */
async function complaintOf(response) {
  if (response.type === "opaqueredirect" || [401, 403].includes(response.status)) return SIGNED_OUT;
  const said = await response.json().catch(() => null);
  return said?.error?.message ?? FAILED;
}

/** One tab at a time. @param {string} name @param {() => Promise<void>} act */
function alone(name, act) {
  return navigator.locks ? navigator.locks.request(name, act) : act();
}

function keysOfStorage() {
  try {
    return Object.keys(localStorage);
  } catch {
    return [];
  }
}

/** @param {string} key */
function removed(key) {
  try {
    localStorage.removeItem(key);
  } catch {
    return; // there was nothing
  }
}
