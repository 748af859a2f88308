// Which tab of this browser holds the socket: Web Locks elect one, BroadcastChannel carries what it says. A
// tab that dies frees its lock, and the next in the queue leads; one that hangs is robbed of it. Without both,
// every tab leads for itself.

// A tab that is looked at asks so often whether its leader still answers. Timers of a hidden leader may sleep, but
// it answers: messages reach hidden tabs too.
const BEAT = 10_000;
const DOUBT = 2_000; // an answer that is missing for so long is missed on the page
const SILENT = 5_000; // a leader that does not answer for so long is replaced
const LATE = 1_000; // a timer that comes so late slept itself, and the answer may lie behind it
const ASKING = ["hello", "beat", "nudge"];

/**
 * @typedef {import("./stream.js").Said} Said
 *
 * @typedef {Object} Tab
 * @property {() => void} lead  open the socket
 * @property {() => void} follow  close it: another tab has it
 * @property {() => void} doubt  the leader does not answer, so nobody knows whether the page is live
 * @property {(message: Said) => void} hear
 */

export class Sharing {
  leading = false;
  #name;
  #tab;
  /** @type {BroadcastChannel | null} */
  #channel = null;
  #queue = new AbortController();
  /** @type {(() => void) | null} */
  #release = null;
  #doubt = 0;
  #beat = 0;

  /**
   * @param {string} name  one per user and address
   * @param {Tab} tab
   */
  constructor(name, tab) {
    this.#name = name;
    this.#tab = tab;
  }

  join() {
    if (!navigator.locks || !("BroadcastChannel" in window)) return this.#lead();
    this.#channel = new BroadcastChannel(this.#name);
    this.#channel.onmessage = (event) => this.#hear(event.data);
    this.#request({});
    this.hail();
    this.#beat = setInterval(() => document.visibilityState === "visible" && this.hail("beat"), BEAT);
  }

  /** Before the page sleeps or goes: a page that holds a lock or a channel is not kept for the way back. */
  leave() {
    clearInterval(this.#beat);
    this.#trust();
    this.#channel?.close();
    this.#channel = null;
    this.#queue.abort();
    this.#release?.();
    this.#release = null;
    if (this.leading) this.#follow();
  }

  /** @param {Said} message */
  say(message) {
    this.#channel?.postMessage(message);
  }

  /**
   * Ask the leader where it stands, or only whether it answers. One that is stuck loses the lock.
   * @param {"hello" | "beat"} kind
   */
  hail(kind = "hello") {
    if (this.leading) return;
    this.say({ kind });
    if (this.#doubt) return;
    this.#after(DOUBT, () => {
      this.#tab.doubt();
      this.#after(SILENT * (1 + Math.random()) - DOUBT, () => this.#request({ steal: true }));
    });
  }

  /**
   * Unless somebody answers meanwhile.
   * @param {number} delay
   * @param {() => void} act
   */
  #after(delay, act) {
    const due = Date.now() + delay;
    this.#doubt = setTimeout(() => {
      this.#doubt = 0;
      if (Date.now() > due + LATE) this.hail();
      else act();
    }, delay);
  }

  #trust() {
    clearTimeout(this.#doubt);
    this.#doubt = 0;
  }

  /** @param {Said} message */
  #hear(message) {
    if (!ASKING.includes(message.kind)) this.#trust();
    this.#tab.hear(message);
  }

  /** @param {{steal?: boolean}} how */
  #request(how) {
    this.#queue.abort();
    this.#queue = new AbortController();
    // The two cannot be combined: a theft does not queue.
    const options = how.steal ? how : { signal: this.#queue.signal };
    const queue = this.#queue;
    navigator.locks
      .request(this.#name, options, () => this.#hold(queue))
      .catch((error) => {
        if (queue.signal.aborted || !this.#channel) return;
        if (error.name !== "AbortError") return this.#lead(); // no locks here after all
        this.#release = null; // stolen from us: queue again
        this.#follow();
        this.#request({});
      });
  }

  /** @param {AbortController} queue */
  #hold(queue) {
    if (queue !== this.#queue || !this.#channel) return undefined;
    this.#trust();
    return new Promise((resolve) => {
      this.#release = () => resolve(undefined);
      this.#lead();
    });
  }

  #lead() {
    this.leading = true;
    this.#tab.lead();
  }

  #follow() {
    this.leading = false;
    this.#tab.follow();
  }
}
