// The acts of the reader, from every form that leads to the server's address of acts: shown at once, sent by the outbox,
// taken back if the server refuses. The forms work without this module; it sends what they would have sent.

import { Outbox } from "./outbox.js";
import { Undo, saidOf } from "./undo.js";
import { MARKS, threadRowAt } from "./thread_rows.js";
import { rowIn } from "../live/thread_list.js";
import { STEPS } from "../live/acts.js";
import { say } from "./saying.js";
import { complain } from "./toasts.js";

/** @typedef {import("../live/acts.js").Act} Act */
/** @typedef {import("./outbox.js").Outcome} Outcome */

const NOTHING = "There was nothing left to undo: it was undone or changed already, perhaps on another device.";

/**
 * @typedef {Object} Page  that the acts are done on
 * @property {import("./unread_counts.js").Counts} counts
 * @property {import("../pages/inbox.js").Inbox | null} inbox
 * @property {{user_id: number}} boot
 */

export class Marking {
  #counts;
  #inbox;
  #outbox;
  #undo;
  /** Acts that were taken back before they were answered. @type {Set<string>} */
  #regretted = new Set();

  /** @param {Page} page */
  constructor({ counts, inbox, boot }) {
    this.#counts = counts;
    this.#inbox = inbox;
    this.#undo = new Undo(
      boot.user_id,
      (offer) => this.#takeBack(offer),
      () => this.#dismissed(),
    );
    this.#outbox = new Outbox(boot.user_id, {
      settled: (outcome) => this.#settled(outcome),
      waits: (count) => this.#undo.wait(count),
    });
    document.addEventListener("submit", (event) => this.#submitted(event));
    document.addEventListener("click", (event) => this.#clicked(event));
  }

  /** @type {import("./keyboard.js").Key} */
  get key() {
    return { keys: ["z"], words: "undo", act: () => this.#undo.undo(), when: () => this.#undo.isThere, everywhere: true };
  }

  /** The network may be back. */
  hurry() {
    this.#outbox.hurry();
  }

  /**
   * Act on threads of the list, as they are shown now.
   * @param {Act} act
   * @param {HTMLElement[]} rows
   * @param {Record<string, string>} more  fields, such as `until`
   */
  act(act, rows, more = {}) {
    const inView = rows.filter((row) => !row.classList.contains("is-out"));
    if (inView.length) this.#actOnThreads(act, inView, more);
    for (const row of rows.filter((one) => !inView.includes(one))) {
      const meant = { act, key: keyOf(row), threads: 1 };
      this.#outbox.put(MARKS, formOf({ act, event_ids: row.dataset.event ?? "", ...more }), meant);
    }
  }

  /** @param {Act} act @param {HTMLElement[]} rows @param {Record<string, string>} more */
  #actOnThreads(act, rows, more) {
    const inbox = /** @type {import("../pages/inbox.js").Inbox} */ (this.#inbox);
    const form = formOf({ act: `${act}-threads`, q: inbox.words, revision: String(inbox.list.revision), ...more });
    for (const row of rows) form.append("threads", `${row.dataset.stream}:${row.dataset.event}`);
    this.#press(act, rows, form);
  }

  /** Shown at once, and sent. @param {Act} act @param {HTMLElement[]} rows @param {FormData} form */
  #press(act, rows, form, isAll = false) {
    const inbox = this.#inbox;
    const threads = Object.fromEntries(rows.map((row) => [row.dataset.stream ?? "", Number(row.dataset.event)]));
    const before = this.#unreadOf(rows);
    const key = rows.length === 1 ? keyOf(rows[0]) : "";
    const id = this.#outbox.put(MARKS, form, { act, key, threads: rows.length });
    inbox?.pressed({ id, act, threads, isAll });
    for (const [org, count] of this.#unreadOf(rows)) this.#counts.guess(`${id} ${org}`, org, count - (before.get(org) ?? 0));
    if (rows.length) say(inbox?.said(act) ?? "");
  }

  /** How many are unread in each organization. @param {HTMLElement[]} rows */
  #unreadOf(rows) {
    /** @type {Map<string, number>} */
    const found = new Map();
    for (const row of rows) {
      const now = this.#inbox && rowIn(this.#inbox.list, row.dataset.stream ?? "");
      if (now) found.set(String(now.org), (found.get(String(now.org)) ?? 0) + now.unread);
    }
    return found;
  }

  /**
   * Act on threads that are shown elsewhere than in the list, which show it already.
   * @param {Act} act
   * @param {Record<string, number>} threads  stream -> the newest event that was shown
   * @param {Record<string, number>} unread  how many of them are not any more, by organization
   * @param {FormData} form
   */
  actElsewhere(act, threads, unread, form) {
    const id = this.#outbox.put(MARKS, form, { act, key: "", threads: Object.keys(threads).length });
    this.#inbox?.pressed({ id, act, threads, isAll: false });
    for (const [org, count] of Object.entries(unread)) this.#counts.guess(`${id} ${org}`, org, -count);
  }

  /** Events were seen, and are read by that: nothing to undo. @param {string[]} eventIds @param {string} org */
  see(eventIds, org) {
    const form = formOf({ act: "read" });
    for (const eventId of eventIds) form.append("event_ids", eventId);
    const id = this.#outbox.put(MARKS, form, { act: "see", key: "", threads: 0 });
    this.#counts.guess(`${id} ${org}`, org, -eventIds.length);
  }

  /** @param {SubmitEvent} event */
  #submitted(event) {
    const form = /** @type {HTMLFormElement} */ (event.target);
    if (new URL(form.getAttribute("action") ?? "", location.href).pathname !== MARKS || event.defaultPrevented) return;
    if ("leadsOn" in form.dataset) return; // to the next notification, by itself
    const body = new FormData(form, event.submitter);
    const [act, which = ""] = String(body.get("act")).split("-");
    if (!(act in STEPS)) return;
    event.preventDefault();
    const more = Object.fromEntries(["until", "own"].flatMap((name) => (body.has(name) ? [[name, String(body.get(name))]] : [])));
    const name = /** @type {Act} */ (act);
    if (which === "threads" && this.#inbox && !body.has("everything")) this.act(name, this.#rowsIn(body), more);
    else if (which) this.#actOnAll(name, body);
    else this.#actOnParts(name, form, body);
    form.dispatchEvent(new CustomEvent("acted", { bubbles: true }));
  }

  /** @param {FormData} body */
  #rowsIn(body) {
    const streams = body.getAll("threads").map((thread) => String(thread).split(":")[0]);
    return this.#inbox?.rowsOf(streams) ?? [];
  }

  /** All that match, those of other pages too. @param {Act} act @param {FormData} body */
  #actOnAll(act, body) {
    const isOfList = this.#inbox && body.has("q");
    if (isOfList) body.set("revision", String(this.#inbox?.list.revision));
    this.#press(act, isOfList ? (this.#inbox?.rowsSeen ?? []) : [], body, true);
  }

  /** @param {Act} act @param {HTMLFormElement} form @param {FormData} body */
  #actOnParts(act, form, body) {
    const row = threadRowAt(form);
    this.#outbox.put(MARKS, body, { act, key: row ? keyOf(row) : "", threads: 1 });
    const part = form.closest(".notification-part");
    part?.classList.toggle("is-unread", act === "unread");
  }

  /** @param {MouseEvent} event */
  #clicked(event) {
    const button = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest("[data-undo-act]"));
    const id = button?.dataset.undoAct ?? "";
    if (!button) return;
    const mark = this.#inbox?.list.acts.find((act) => act.id === id)?.mark;
    if (mark !== undefined) this.#undo.undo(mark);
    else this.#withdraw(id);
  }

  /** @param {import("./undo.js").Offer | null} offer */
  #takeBack(offer) {
    if (!offer) return this.#withdraw(this.#outbox.waiting.at(-1) ?? "");
    this.#outbox.put(MARKS, formOf({ act: "undo-all", mark: String(offer.mark) }), { act: "undo", key: "", threads: 0 });
    this.#inbox?.undone(offer.mark);
  }

  /** Not answered yet: it is not sent at all, or undone as soon as its mark is known. @param {string} id */
  #withdraw(id) {
    if (!this.#outbox.withdraw(id)) this.#regretted.add(id);
    this.#refuse(id);
  }

  /** @param {string} id */
  #refuse(id) {
    this.#counts.settleAll(id, null);
    this.#inbox?.answered(id, null);
  }

  /** @param {Outcome} outcome */
  #settled({ id, meant, answer, complaint, isMine }) {
    if (!isMine) return;
    if (!answer) {
      this.#refuse(id);
      complain(complaint);
    } else if (this.#regretted.delete(id)) {
      this.#takeBack({ mark: answer.mark, said: "", at: 0 });
    } else if (meant.act === "undo") {
      this.#undo.say(answer.changed ? "Undone." : NOTHING);
    } else {
      this.#counts.settleAll(id, answer.revision);
      this.#inbox?.answered(id, answer);
      if (answer.changed && meant.act !== "see") this.#undo.offer(answer.mark, saidOf(meant, answer.changed));
    }
    if (!this.#outbox.waiting.length) this.#inbox?.ask();
  }

  #dismissed() {
    const body = formOf({ act: "keep" });
    this.#outbox.put(MARKS, body, { act: "keep", key: "", threads: 0 });
  }
}

/** @param {HTMLElement} row */
function keyOf(row) {
  return row.querySelector("[data-slot='key']")?.textContent?.trim() ?? "";
}

/** @param {Record<string, string>} fields */
function formOf(fields) {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  return form;
}
