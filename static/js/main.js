// Starts what the page has: reads the boot data, follows the user's address and, on pages of one
// organization, its log, and hands every frame to those who show it.

/** @import { Boot, MembershipFrame } from "./frames.js" */

import { Bell } from "./parts/bell_rows.js";
import { showState } from "./parts/connection_chip.js";
import { applyAtOnce } from "./parts/filters.js";
import { Board } from "./pages/board.js";
import { Counts } from "./parts/unread_counts.js";
import { keepDesktop, readSomething, withdrawAll } from "./parts/desktop.js";
import { dot, undot } from "./parts/unread_dots.js";
import { followName } from "./parts/short_name.js";
import { followSlider } from "./parts/log_slider.js";
import { keepEditors } from "./parts/field_editor.js";
import { useCookie } from "./parts/posting.js";
import { History } from "./pages/history.js";
import { explainHere } from "./parts/why.js";
import { importInParts } from "./parts/importing.js";
import { Inbox } from "./pages/inbox.js";
import { keepInbox } from "./pages/inbox_hands.js";
import { keepKeys, offer } from "./parts/keyboard.js";
import { keepPreferences } from "./pages/preferences.js";
import { keepMenus } from "./parts/menus.js";
import { offerEverywhere } from "./parts/going.js";
import { rememberOrganization } from "./parts/last_visited.js";
import { keepConnected, watchLeaving } from "./live/lifecycle.js";
import { keepWriting } from "./parts/composer.js";
import { Marking } from "./parts/marking.js";
import { LookBack } from "./pages/look_back.js";
import { Reading } from "./parts/reading.js";
import { Renewal } from "./pages/renewal.js";
import { at } from "./parts/addresses.js";
import { previewPicture } from "./parts/picture.js";
import { keepPolled } from "./parts/polled.js";
import { saveOnChange } from "./parts/saved_on_change.js";
import { Stream } from "./live/stream.js";
import { TaskPage } from "./pages/task.js";
import { TaskList } from "./pages/task_list.js";
import { keepTimes, refreshTimes } from "./parts/times.js";
import { complain, keepToasts, missed, toast } from "./parts/toasts.js";
import { isNews as zoneIsNews } from "./parts/time_zone.js";

/**
 * @typedef {import("./live/frame_order.js").LogFrame} LogFrame
 * @typedef {import("./live/frame_order.js").Welcome} Welcome
 * @typedef {import("./live/frame_order.js").Notice | import("./live/stream.js").Counts} Notice
 */

class Page {
  #boot;
  #counts;
  #leaving = watchLeaving();
  #renewal = new Renewal({ hold: () => this.#hold(), release: (boot, page) => this.#release(boot, page) });
  #bell;
  #inbox;
  #marking;
  #list;
  #board;
  #task;
  #lookBack;
  #history;
  #user;
  /** @type {Stream | null} */
  #org = null;
  /** @type {import("./live/connection.js").State[]} */
  #states = [];
  #wasLive = false;
  #missed = 0; // while the user's address was out of reach

  /** @param {Boot} boot */
  constructor(boot) {
    this.#boot = boot;
    useCookie(boot.csrf_cookie);
    this.#counts = new Counts(boot);
    const [bell, inbox, list, timeline, rows] = ["bell-rows", "inbox-rows", "task-rows", "timeline", "history-rows"].map(
      (id) => document.getElementById(id),
    );
    const task = /** @type {HTMLElement | null} */ (timeline?.closest("[data-task]"));
    const statuses = /** @type {Record<string, string>} */ (boot.words?.statuses ?? {});
    const words = { statuses, slug: boot.org?.slug ?? "" };
    this.#inbox = inbox && new Inbox(inbox, () => this.#boot, () => this.#renewal.ask());
    this.#marking = new Marking({ counts: this.#counts, inbox: this.#inbox, boot });
    if (inbox && this.#inbox) keepInbox(inbox, this.#inbox, this.#marking);
    this.#bell = bell && new Bell(bell, this.#marking, boot.user_id);
    this.#list = list && new TaskList(list, words);
    this.#task = timeline && task && new TaskPage(task, timeline, words, this.#around());
    const board = document.getElementById("board");
    this.#board = board && new Board(board, words);
    keepEditors({ statuses, noDate: list || board ? "" : "no date" });
    const filters = document.getElementById("task-filters");
    if (filters instanceof HTMLFormElement) applyAtOnce(filters, () => this.#renewal.ask());
    followSlider(() => this.#renewal.ask());
    const founding = document.getElementById("new-organization");
    if (founding instanceof HTMLFormElement) followName(founding);
    const pictures = document.getElementById("picture-form");
    if (pictures instanceof HTMLFormElement) previewPicture(pictures);
    const rowsToImport = document.getElementById("import");
    if (rowsToImport instanceof HTMLFormElement) importInParts(rowsToImport);
    const slider = /** @type {HTMLInputElement | null} */ (document.querySelector(".look-back-slider"));
    this.#lookBack = slider?.form && new LookBack(slider.form, slider, () => this.#leaving());
    this.#history = rows && new History(rows);
    this.#user = this.#follow("users/me", false, boot.cursor, (frame) => this.#addressed(frame));
    if (boot.org)
      this.#org = this.#follow(`orgs/${boot.org.slug}`, true, boot.org.cursor, (frame) =>
        this.#changed(frame),
      );
  }

  start() {
    keepConnected(this.#streams, refreshTimes);
    keepTimes(() => this.#renewal.ask());
    if (zoneIsNews) this.#renewal.ask();
    offer([this.#marking.key]);
    keepWriting(this.#boot.user_id);
    rememberOrganization();
    offerEverywhere();
    keepKeys();
    keepMenus();
    keepToasts();
    keepDesktop(this.#boot);
    saveOnChange();
    keepPolled();
    const switches = document.getElementById("switches");
    if (switches) keepPreferences(switches);
    explainHere();
    const said = /** @type {HTMLElement | null} */ (document.querySelector(".messages"));
    if (said && !location.hash && document.activeElement === document.body) said.focus({ preventScroll: true });
  }

  #around() {
    const { org, user_id: userId } = this.#boot;
    return {
      reading: new Reading((ids) => this.#marking.see(ids, String(org?.id ?? ""))),
      renew: () => void this.#renewal.ask(),
      reload: () => void (this.#leaving() || location.reload()),
      userId,
    };
  }

  get #streams() {
    return this.#org ? [this.#user, this.#org] : [this.#user];
  }

  /**
   * @param {string} whose
   * @param {boolean} dense
   * @param {string} cursor
   * @param {(frame: LogFrame) => void} frame
   */
  #follow(whose, dense, cursor, frame) {
    const path = `${whose}/notifications/`;
    const place = this.#states.push({ name: "connecting", left: 0, since: 0 }) - 1;
    const listener = {
      frame,
      notice: (/** @type {Notice} */ notice) => this.#noticed(notice, dense),
      state: (/** @type {import("./live/connection.js").State} */ state) => this.#reached(place, state),
      reset: () => this.#renewal.ask(),
    };
    const stream = at(dense ? `api/v1/${whose}/stream` : "api/v1/stream");
    const address = { socket: at(`ws/${path}`), stream, twin: at(`api/${path}`), dense };
    return new Stream(address, { user: this.#boot.user_id, cursor }, listener);
  }

  /** An event of the organization whose page this is. @param {LogFrame} frame */
  #changed(frame) {
    this.#history?.apply(frame);
    if (frame.type !== "task_event") return;
    this.#list?.apply(frame);
    this.#board?.apply(frame);
    this.#task?.apply(frame);
    this.#lookBack?.apply(frame);
  }

  /** An event of one of the user's organizations. @param {LogFrame} frame */
  #addressed(frame) {
    if (!isTold(frame)) return;
    this.#counts.apply(frame);
    this.#inbox?.apply(frame);
    dot(frame);
    if (["done", "snoozed", "saved"].includes(frame.notification.state)) return; // in a list of its own
    this.#bell?.ring(frame);
    this.#mention(frame);
  }

  /** In a toast, if it is news, concerns the user and is not in sight. @param {import("./parts/rows.js").Told} frame */
  #mention(frame) {
    if (!frame.notification.unread || frame.actor_id === this.#boot.user_id) return;
    if (this.#inbox || document.visibilityState === "hidden") return;
    if (frame.replayed && this.#isCatchingUp) this.#missed += 1;
    else if (this.#toasts(frame) && !this.#showsTaskOf(frame)) toast(frame, this.#boot.user_id);
  }

  /** By the reader's own choice. @param {import("./parts/rows.js").Told} frame */
  #toasts({ org_id: orgId, notification: { reason } }) {
    return !(this.#boot.orgs[orgId]?.quiet ?? ["org"]).includes(reason);
  }

  /** What comes by polling, or while a page comes up, is news. */
  get #isCatchingUp() {
    return this.#wasLive && this.#states[0].name !== "polling";
  }

  /** @param {LogFrame} frame */
  #showsTaskOf(frame) {
    return frame.type === "task_event" && this.#task?.id === frame.task_id;
  }

  /**
   * @param {Notice} frame
   * @param {boolean} ofOrg
   */
  #noticed(frame, ofOrg) {
    // Somebody else signed in to this browser since the page was made.
    if ("user_id" in frame && frame.user_id !== this.#boot.user_id) return this.#reload();
    if (ofOrg) return this.#isCalled("org" in frame ? frame.org.slug : undefined);
    if (frame.type === "membership") return this.#joinedOrLeft(frame);
    if (frame.type === "organization") return;
    const done = frame.type === "unread" && this.#inbox?.changed(frame);
    if (done) this.#counts.settleAll(done, frame.revision ?? null);
    if (frame.type === "unread") undot(frame, this.#boot.org?.id);
    if (frame.type === "unread" || frame.type === "welcome") readSomething();
    const isSurprised = this.#counts.isSurprisedBy(frame);
    this.#counts.take(frame);
    if (frame.type === "unread") this.#task?.read(frame.read?.event_ids ?? []);
    const isWhole = frame.type !== "unread" || !this.#bell || this.#bell.mark(frame);
    if (isSurprised || !isWhole || (frame.type === "welcome" && this.#isElsewhere(frame)))
      this.#renewal.ask();
  }

  /** @param {MembershipFrame} frame */
  #joinedOrLeft(frame) {
    if (frame.change === "left") {
      this.#counts.leave(String(frame.org_id));
      const { org } = this.#boot;
      const name = org && (this.#boot.orgs[org.id]?.name ?? org.slug);
      if (org?.id === frame.org_id) complain(`You are no longer a member of ${name}. This page stays as it was.`);
    }
    this.#renewal.ask();
  }

  /** Its old addresses lead on; the page shows those of today. @param {string | undefined} slug */
  #isCalled(slug) {
    if (slug && slug !== this.#boot.org?.slug) this.#renewal.ask();
  }

  /** Did the user join or leave an organization while this page could not hear of it? @param {Welcome} welcome */
  #isElsewhere(welcome) {
    if (!("at" in welcome)) return false;
    const [now, then] = [welcome.at, this.#boot.orgs].map((orgs) => Object.keys(orgs).sort().join());
    return now !== then;
  }

  /**
   * @param {number} place
   * @param {import("./live/connection.js").State} state
   */
  #reached(place, state) {
    this.#states[place] = state;
    showState(this.#states);
    if (["live", "polling"].includes(state.name) && place === 0) this.#caughtUp();
    if (state.name === "live") this.#marking?.hurry();
    if (state.name === "signed-out") this.#signIn();
  }

  #caughtUp() {
    if (this.#missed) missed(this.#missed);
    this.#missed = 0;
    this.#wasLive = true;
  }

  #hold() {
    this.#counts.hold();
    for (const stream of this.#streams) stream.hold();
  }

  /** @param {Boot | null} boot @param {Document | null} page */
  #release(boot, page) {
    if (boot && boot.user_id !== this.#boot.user_id) return this.#reload();
    this.#counts.release(boot);
    if (boot && page) {
      this.#boot = boot;
      this.#bell?.renewed();
      this.#inbox?.renewed(page);
      this.#list?.renewed();
      this.#task?.renewed();
      this.#board?.renewed();
      this.#history?.renewed();
      refreshTimes();
    }
    this.#user.release(boot?.cursor ?? null);
    this.#org?.release(boot?.org?.cursor ?? null);
  }

  #reload() {
    for (const stream of this.#streams) stream.leave();
    if (!this.#leaving()) location.reload();
  }

  #signIn() {
    void withdrawAll();
    const next = encodeURIComponent(location.pathname + location.search);
    if (!this.#leaving()) location.assign(`${this.#boot.login_url}?next=${next}`);
  }
}

/**
 * @param {LogFrame} frame
 * @returns {frame is import("./parts/rows.js").Told}
 */
function isTold(frame) {
  return Boolean(frame.notification);
}

const boot = document.getElementById("carillon-boot")?.textContent;
if (boot) new Page(JSON.parse(boot)).start();
