// Which tab of this browser holds the socket: Web Locks elect one, BroadcastChannel carries what it says. A
// tab that dies frees its lock, and the next in the queue leads. Without both, every tab leads for itself.

const SILENT = 5_000; // a leader that does not answer for so long is replaced

/**
 * @typedef {Object} Tab
 * @property {() => void} lead  open the socket
 * @property {() => void} follow  close it: another tab has it
 * @property {(message: any) => void} hear
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
  }

  /** Before the page sleeps or goes: a page that holds a lock or a channel is not kept for the way back. */
  leave() {
    clearTimeout(this.#doubt);
    this.#channel?.close();
    this.#channel = null;
    this.#queue.abort();
    this.#release?.();
    this.#release = null;
    if (this.leading) this.#follow();
  }

  /** @param {any} message */
  say(message) {
    this.#channel?.postMessage(message);
  }

  /** Ask the leader where it stands. One that is stuck loses the lock. */
  hail() {
    if (this.leading) return;
    this.say({ kind: "hello" });
    clearTimeout(this.#doubt);
    this.#doubt = setTimeout(() => this.#request({ steal: true }), SILENT * (1 + Math.random()));
  }

  /** @param {any} message */
  #hear(message) {
    if (message.kind !== "hello" && message.kind !== "nudge") clearTimeout(this.#doubt);
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
    clearTimeout(this.#doubt);
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
