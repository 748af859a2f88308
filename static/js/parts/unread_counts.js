// The unread counts as this page shows them, painted whenever they change.

/** @import { Boot } from "../frames.js" */

import { showUnread } from "./bell.js";
import { showUnreadLists } from "./list_counts.js";
import { NOTHING, count, countsOf, guess, only, rebase, settle, totals } from "../live/unread.js";

/** @typedef {import("../live/stream.js").Counted | import("../live/stream.js").Counts} Counted */

export class Counts {
  #unread;
  /** Frames that came while the page is read again: it may be older than they. @type {Counted[] | null} */
  #meanwhile = null;

  /** @param {Boot} boot */
  constructor(boot) {
    this.#unread = rebase(NOTHING, ofBoot(boot));
  }

  /** An applied event. @param {import("../live/frame_order.js").LogFrame} frame */
  apply(frame) {
    this.#show(count(this.#unread, frame));
  }

  /** Absolute counts. @param {Counted} frame */
  take(frame) {
    this.#meanwhile?.push(frame);
    this.#show(taken(this.#unread, frame));
  }

  /**
   * Do these counts tell of marks that this page has not heard of? Then its rows are not what they were. A
   * welcome of an older inbox is another history's; counts of another tab may just be older.
   * @param {Counted} frame
   */
  isSurprisedBy(frame) {
    const { revision } = frame;
    if (revision === undefined || frame.type === "unread") return false;
    return frame.type === "welcome" ? revision !== this.#unread.revision : revision > this.#unread.revision;
  }

  /** The page is being read again. */
  hold() {
    this.#meanwhile = [];
  }

  /**
   * The page was read again, or could not be. Its counts hold whatever the old ones were: those may be of a
   * history that is gone.
   * @param {Boot | null} boot
   */
  release(boot) {
    const meanwhile = this.#meanwhile ?? [];
    this.#meanwhile = null;
    if (!boot) return;
    const fresh = rebase({ ...NOTHING, guesses: this.#unread.guesses }, ofBoot(boot));
    this.#show(meanwhile.reduce(taken, fresh));
  }

  /** @param {string} org */
  leave(org) {
    const others = Object.keys(this.#unread.orgs).filter((one) => one !== org);
    this.#show(only(this.#unread, others));
  }

  /**
   * @param {string} id
   * @param {string} org
   * @param {number} by
   */
  guess(id, org, by) {
    this.#show(guess(this.#unread, id, org, by));
  }

  /**
   * @param {string} act  whose guesses begin with its id
   * @param {number | null} revision  of the inbox once it was done; null if it was not
   */
  settleAll(act, revision) {
    const ids = Object.keys(this.#unread.guesses).filter((id) => id.startsWith(`${act} `));
    this.#show(ids.reduce((unread, id) => settle(unread, id, revision), this.#unread));
  }

  /** @param {import("../live/unread.js").Unread} unread */
  #show(unread) {
    this.#unread = unread;
    showUnread(totals(unread));
    showUnreadLists(totals(unread));
  }
}

/** @param {Boot} boot */
function ofBoot({ unread, at, revision }) {
  return countsOf({ unread, at, revision });
}

/**
 * @param {import("../live/unread.js").Unread} unread
 * @param {Counted} frame
 */
function taken(unread, frame) {
  return rebase(unread, countsOf(frame));
}
