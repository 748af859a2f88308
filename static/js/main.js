// Starts what the page has: reads the boot data, follows the user's address and, on pages of one
// organization, its log, and hands every frame to those who show it.

import { ring } from "./bell.js";
import { showState } from "./chip.js";
import { Counts } from "./counts.js";
import { History } from "./history.js";
import { Inbox, showMarks } from "./inbox.js";
import { keepKeys } from "./keyboard.js";
import { keepConnected, watchLeaving } from "./lifecycle.js";
import { keepMarks } from "./marking.js";
import { LookBack } from "./past.js";
import { Renewal } from "./renewal.js";
import { at } from "./root.js";
import { notificationPath } from "./rows.js";
import { Stream } from "./stream.js";
import { TaskPage } from "./task.js";
import { TaskList } from "./tasks.js";
import { keepTimes, refreshTimes } from "./times.js";
import { complain, toast } from "./toasts.js";
import { isNews as zoneIsNews } from "./zone.js";

class Page {
  #boot;
  #counts;
  #leaving = watchLeaving();
  #renewal = new Renewal({ hold: () => this.#hold(), release: (boot) => this.#release(boot) });
  #inbox;
  #list;
  #task;
  #lookBack;
  #history;
  #user;
  /** @type {Stream | null} */
  #org = null;
  /** @type {import("./connection.js").State[]} */
  #states = [];

  /** @param {any} boot */
  constructor(boot) {
    this.#boot = boot;
    this.#counts = new Counts(boot);
    const [inbox, list, timeline, rows] = ["inbox-rows", "task-rows", "timeline", "history-rows"].map((id) =>
      document.getElementById(id),
    );
    const task = /** @type {HTMLElement | null} */ (timeline?.closest("[data-task]"));
    const words = { statuses: boot.statuses ?? {}, slug: boot.org?.slug ?? "" };
    this.#inbox = inbox && new Inbox(inbox, boot.reasons ?? {}, () => this.#renewal.ask());
    this.#list = list && new TaskList(list, words);
    this.#task =
      timeline && task && new TaskPage(task, timeline, words, () => this.#leaving() || location.reload());
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
    keepMarks(this.#counts, this.#boot.csrf_cookie);
    const tasks = /** @type {HTMLAnchorElement | null} */ (document.querySelector(".nav a[href$='/tasks/']"));
    keepKeys(tasks?.href ?? at("orgs/"));
  }

  get #streams() {
    return this.#org ? [this.#user, this.#org] : [this.#user];
  }

  /**
   * @param {string} whose
   * @param {boolean} dense
   * @param {string} cursor
   * @param {(frame: any) => void} frame
   */
  #follow(whose, dense, cursor, frame) {
    const path = `${whose}/notifications/`;
    const place = this.#states.push({ name: "connecting", left: 0, since: 0 }) - 1;
    const listener = {
      frame,
      notice: (/** @type {any} */ notice) => this.#noticed(notice, dense),
      state: (/** @type {import("./connection.js").State} */ state) => this.#reached(place, state),
      reset: () => this.#renewal.ask(),
    };
    const address = { socket: at(`ws/${path}`), twin: at(`api/${path}`), dense };
    return new Stream(address, { user: this.#boot.user_id, cursor }, listener);
  }

  /** A task event of the organization whose page this is. @param {any} frame */
  #changed(frame) {
    this.#list?.apply(frame);
    this.#task?.apply(frame);
    this.#lookBack?.apply(frame);
    this.#history?.apply(frame);
  }

  /** A task event that this user is told of. @param {any} frame */
  #addressed(frame) {
    if (!frame.notification) return;
    this.#counts.apply(frame);
    ring(frame, this.#boot.reasons ?? {});
    this.#inbox?.apply(frame);
    const seen = this.#inbox || (this.#task && this.#task.id === frame.task_id) || document.visibilityState === "hidden";
    if (!frame.notification.unread || seen || frame.actor_id === this.#boot.user_id) return;
    toast({ sentence: frame.sentence, title: frame.subject, href: notificationPath(frame) });
  }

  /**
   * @param {any} frame
   * @param {boolean} ofOrg
   */
  #noticed(frame, ofOrg) {
    // Somebody else signed in to this browser since the page was made.
    if (frame.user_id !== undefined && frame.user_id !== this.#boot.user_id) return this.#reload();
    if (ofOrg) return this.#isCalled(frame.org?.slug);
    if (frame.type === "membership") return this.#joinedOrLeft(frame);
    const isSurprised = this.#counts.isSurprisedBy(frame);
    this.#counts.take(frame);
    const isWhole = frame.type !== "unread" || showMarks(frame);
    if (isSurprised || !isWhole || (frame.type === "welcome" && this.#isElsewhere(frame)))
      this.#renewal.ask();
  }

  /** @param {any} frame */
  #joinedOrLeft(frame) {
    if (frame.change === "left") {
      this.#counts.leave(String(frame.org_id));
      const { id, slug } = this.#boot.org ?? {};
      const name = this.#boot.orgs[id]?.name ?? slug;
      if (id === frame.org_id) complain(`You are no longer a member of ${name}. This page stays as it was.`);
    }
    this.#renewal.ask();
  }

  /** Its old addresses lead on; the page shows those of today. @param {string | undefined} slug */
  #isCalled(slug) {
    if (slug && slug !== this.#boot.org?.slug) this.#renewal.ask();
  }

  /** Did the user join or leave an organization while this page could not hear of it? @param {any} welcome */
  #isElsewhere(welcome) {
    const [now, then] = [welcome.at, this.#boot.orgs].map((orgs) =>
      Object.keys(orgs ?? {})
        .sort()
        .join(),
    );
    return welcome.at !== undefined && now !== then;
  }

  /**
   * @param {number} place
   * @param {import("./connection.js").State} state
   */
  #reached(place, state) {
    this.#states[place] = state;
    showState(this.#states);
    if (state.name === "signed-out") this.#signIn();
  }

  #hold() {
    this.#counts.hold();
    for (const stream of this.#streams) stream.hold();
  }

  /** @param {any} boot */
  #release(boot) {
    if (boot && boot.user_id !== this.#boot.user_id) return this.#reload();
    this.#counts.release(boot);
    if (boot) {
      this.#boot = boot;
      this.#inbox?.renewed();
      this.#list?.renewed();
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
    const next = encodeURIComponent(location.pathname + location.search);
    if (!this.#leaving()) location.assign(`${this.#boot.login_url}?next=${next}`);
  }
}

const boot = document.getElementById("carillon-boot")?.textContent;
if (boot) new Page(JSON.parse(boot)).start();
