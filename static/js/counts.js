// The unread counts as this page shows them, painted whenever they change.

import { showUnread } from "./bell.js";
import { NOTHING, count, countsOf, guess, only, rebase, settle, totals } from "./unread.js";

export class Counts {
  #unread;
  /** What the page would show without the last welcome. @type {import("./unread.js").Unread | null} */
  #expected = null;

  /** @param {any} boot */
  constructor(boot) {
    this.#unread = rebase(NOTHING, countsOf(boot));
  }

  /** An applied task event. @param {any} frame */
  apply(frame) {
    if (this.#expected) this.#expected = count(this.#expected, frame);
    this.#show(count(this.#unread, frame));
  }

  /** Absolute counts. @param {any} frame */
  take(frame) {
    if (frame.type !== "unread") this.#expected = this.#unread;
    const read = [...(frame.read?.event_ids ?? []), ...(frame.unread_again?.event_ids ?? [])];
    this.#show(rebase(this.#unread, countsOf(frame), read));
  }

  /** The page was read again. @param {any} boot */
  renew(boot) {
    this.#expected = null;
    this.#show(only(rebase(this.#unread, countsOf(boot)), Object.keys(boot.orgs)));
  }

  /** @param {string} org */
  leave(org) {
    const others = Object.keys(this.#unread.orgs).filter((one) => one !== org);
    this.#show(only(this.#unread, others));
  }

  /**
   * After the replay that followed a welcome: do its counts differ from what we had and what was replayed?
   * Then something was read elsewhere while this page could not hear of it.
   */
  surprised() {
    const [before, after] = [this.#expected ?? this.#unread, this.#unread].map(
      (unread) => totals(unread).total,
    );
    this.#expected = null;
    return before !== after;
  }

  /**
   * @param {string} id
   * @param {string} org
   * @param {1 | -1} by
   */
  guess(id, org, by) {
    this.#show(guess(this.#unread, id, org, by));
  }

  /**
   * @param {string} id
   * @param {boolean} done
   */
  settle(id, done) {
    this.#show(settle(this.#unread, id, done));
  }

  /** @param {import("./unread.js").Unread} unread */
  #show(unread) {
    this.#unread = unread;
    showUnread(totals(unread));
  }
}
