// The inbox: its list as it stands on the page. Rows change where they stand and go only by the reader's own act; what is
// new, or belongs further up, waits until the reader asks for it. What only the server can say, it is asked.

/** @import { Boot, UnreadFrame } from "../frames.js" */

import * as lists from "../live/thread_list.js";
import { format, newest, parse } from "../live/cursor.js";
import { readQuery, streamOf } from "../live/list_query.js";
import { Closing } from "../parts/closing.js";
import { countNews, showStates } from "../parts/list_counts.js";
import { morph } from "../parts/morph.js";
import { refreshParts } from "../parts/thread_parts.js";
import { linkOf, paint, paintNews, threadRows, toldIn } from "../parts/thread_rows.js";
import { refreshTimes } from "../parts/times.js";

/** @typedef {import("../parts/rows.js").Told} Told */

// What stands around the list and is the server's to say; the latter only of what the reader has seen.
const AROUND = [".side-nav", ".chips", ".inbox-pager", ".empty"];
const OF_SEEN = [".inbox-acts", ".selection-all"];
const PAUSE = 300; // milliseconds between two questions
const TEXT_PAUSE = 1_000; // where each piece of news needs one
const SAID = {
  read: "Marked read",
  unread: "Marked unread",
  done: "Done",
  undone: "Back in the inbox",
  snooze: "Snoozed",
  save: "Saved",
  unsave: "No longer saved",
};
const STALE = 10_000; // hidden for so long, the page is read again

export class Inbox {
  /** @type {import("../live/thread_list.js").List} */
  list;
  #rows;
  #boot;
  #renew;
  #closing;
  /** Streams that the reader has taken back: they come back to their places. @type {Set<string>} */
  #back = new Set();
  #wantsNews = false;
  #isAsked = false;
  #askedAt = -Infinity;
  #hiddenAt = 0;

  /**
   * @param {HTMLElement} rows
   * @param {() => Boot} boot
   * @param {() => void} renew  read the page again; `renewed` gets it
   */
  constructor(rows, boot, renew) {
    this.#rows = rows;
    this.#boot = boot;
    this.#renew = renew;
    this.list = lists.listed(this.#pageIn(document));
    this.#closing = new Closing(rows, (streams) => this.#close(streams));
    rows.addEventListener("click", (event) => {
      if (/** @type {Element} */ (event.target).closest("#new-pill")) this.wantsNews();
    });
    document.addEventListener("visibilitychange", () => this.#looked());
  }

  get words() {
    return this.#rows.dataset.words ?? "";
  }

  get hasNews() {
    return lists.waiting(this.list).length > 0;
  }

  /** An event that the user is told of. @param {Told} frame */
  apply(frame) {
    const before = this.list;
    this.list = lists.told(before, frame);
    countNews(this.list.query, frame);
    if (this.list === before) return;
    const stream = streamOf(frame);
    const row = this.#row(stream);
    const org = this.#boot().orgs[String(frame.org_id)]?.name ?? "";
    const now = lists.rowIn(this.list, stream);
    if (row && now && !this.list.unsure)
      paintNews(row, frame, { reasons: this.#boot().reasons, org, words: this.words }, now.unread || now.count);
    this.#show();
    if (!this.hasNews) this.#sees(frame.cursor);
  }

  /**
   * States were changed, here or elsewhere.
   * @param {UnreadFrame} frame
   * @returns {string | undefined} the act of this tab that it tells of, if that was not answered yet
   */
  changed(frame) {
    showStates(frame.counts);
    const pending = this.list.acts.filter((act) => act.known === undefined);
    this.list = lists.changed(this.list, frame.change, frame.revision);
    this.#show();
    return pending.find((act) => !this.list.acts.includes(act))?.id;
  }

  /** The rows of these streams. @param {string[]} streams @returns {HTMLElement[]} */
  rowsOf(streams) {
    return streams.flatMap((stream) => this.#row(stream) ?? []);
  }

  /** Those that belong in the list. @returns {HTMLElement[]} */
  get rowsSeen() {
    return threadRows(this.#rows).filter((row) => !row.classList.contains("is-out"));
  }

  /** What a screen reader should hear of an act. @param {import("../live/acts.js").Act} act */
  said(act) {
    const left = this.rowsSeen.length;
    return `${SAID[act]}.${this.list.whole && !["read", "unread"].includes(act) ? ` ${left} left.` : ""}`;
  }

  /**
   * The reader acts on threads, as they are shown.
   * @param {import("../live/thread_list.js").Pressed} act
   */
  pressed(act) {
    this.list = lists.pressed(this.list, act);
    this.#closing.add(this.#leaving(act), act);
    this.#show();
  }

  /** The server answered; null: it refused. @param {string} id @param {import("../parts/outbox.js").Answer | null} answer */
  answered(id, answer) {
    this.list = lists.answered(this.list, id, answer);
    this.#show();
  }

  /** @param {number} mark  of an act that the reader takes back */
  undone(mark) {
    for (const stream of this.list.acts.find((act) => act.mark === mark)?.before?.keys() ?? []) this.#back.add(stream);
    this.list = lists.undone(this.list, mark);
    this.#show();
  }

  /** Ask the server, once the reader looks. */
  ask() {
    if (document.visibilityState === "hidden" || this.#isAsked) return;
    this.#isAsked = true;
    const pause = this.list.query.text ? TEXT_PAUSE : PAUSE;
    const since = performance.now() - this.#askedAt;
    setTimeout(
      () => {
        this.#isAsked = false;
        this.#askedAt = performance.now();
        this.#renew();
      },
      Math.max(0, pause - since),
    );
  }

  /** Show what waits. */
  wantsNews() {
    if (this.#rows.dataset.firstPage !== "1") return;
    this.#wantsNews = true;
    this.#renew();
  }

  /** The page was read again. @param {Document} fresh */
  renewed(fresh) {
    const page = this.#pageIn(fresh);
    this.list = lists.taken(this.list, page);
    const mayShow = this.#wantsNews || !this.list.shown.length;
    this.#wantsNews = false;
    if (mayShow) this.#takeAll(fresh, page);
    else this.#takeInPlace(fresh);
    for (const name of ["query", "words", "firstPage"])
      this.#rows.dataset[name] = fresh.getElementById("inbox-rows")?.dataset[name];
    morphAll(AROUND, fresh);
    if (!this.hasNews) morphAll(OF_SEEN, fresh);
    if (!this.hasNews) this.#sees(this.#boot().cursor);
    refreshTimes();
    this.#show();
  }

  /** Rows that left give up their room where nobody points. */
  giveUpRoom() {
    this.#closing.giveUp();
  }

  /** @param {Document} page @returns {import("../live/thread_list.js").ServerPage} */
  #pageIn(page) {
    const rows = page.getElementById("inbox-rows");
    return {
      query: readQuery(rows?.dataset.query),
      revision: Number(rows?.dataset.revision ?? 0),
      whole: !page.querySelector(".inbox-pager [rel='next']"),
      rows: rows ? toldIn(rows) : [],
    };
  }

  /** @param {string} stream */
  #row(stream) {
    return /** @type {HTMLElement | null} */ (this.#rows.querySelector(`[data-stream="${CSS.escape(stream)}"]`));
  }

  /** Which rows an act takes out of the list for good. @param {import("../live/thread_list.js").Pressed} act */
  #leaving({ act, threads }) {
    if (["read", "save"].includes(act)) return [];
    return Object.keys(threads).filter((stream) => lists.rowIn(this.list, stream)?.isOut);
  }

  #show() {
    for (const now of lists.rowsOf(this.list)) {
      const row = this.#row(now.stream);
      if (row) paint(row, now);
      if (!now.isOut) this.#closing.keep(now.stream);
    }
    const count = lists.waiting(this.list).length;
    const pill = document.getElementById("new-pill");
    if (pill) pill.textContent = `${count} new ↑`;
    pill?.toggleAttribute("hidden", count === 0);
    const isEmpty = !this.list.shown.length;
    if (this.list.unsure || (isEmpty && (count > 0 || !this.list.whole))) this.ask();
  }

  /** @param {string[]} streams */
  #close(streams) {
    this.list = lists.closed(this.list, streams);
    for (const stream of streams) this.#row(stream)?.remove();
    this.#show();
  }

  /** The page as it is now, with the rows that the reader has already. @param {Document} fresh @param {import("../live/thread_list.js").ServerPage} page */
  #takeAll(fresh, page) {
    const focused = document.activeElement;
    this.#closing.forget();
    for (const row of threadRows(fresh)) {
      const old = this.#row(row.dataset.stream ?? "");
      if (!old) continue;
      take(old, row);
      row.replaceWith(document.adoptNode(old));
    }
    this.#rows.replaceChildren(...(fresh.getElementById("inbox-rows")?.childNodes ?? []));
    this.list = lists.renewed(lists.taken(this.list, page));
    if (focused instanceof HTMLElement && this.#rows.contains(focused)) focused.focus({ preventScroll: true });
    else if (focused?.id === "new-pill") linkOf(threadRows(this.#rows)[0] ?? this.#rows)?.focus();
  }

  /** Nothing moves: rows are made what they are now, and older ones follow below. @param {Document} fresh */
  #takeInPlace(fresh) {
    const rows = threadRows(fresh);
    for (const row of rows) {
      const old = this.#row(row.dataset.stream ?? "");
      if (old) take(old, row);
    }
    if (!this.#rows.matches(":hover")) this.#bringBack(rows);
    for (const row of olderThanAll(rows, this.#rows)) this.#append(row);
    this.list = { ...this.list, shown: threadRows(this.#rows).map((row) => row.dataset.stream ?? "") };
  }

  /** @param {HTMLElement[]} rows  as the server has them */
  #bringBack(rows) {
    for (const row of [...rows].reverse()) {
      const stream = row.dataset.stream ?? "";
      if (!this.#back.delete(stream) || this.#row(stream)) continue;
      const next = rows.slice(rows.indexOf(row) + 1).find((one) => this.#row(one.dataset.stream ?? ""));
      const isSameDay = next?.parentElement?.dataset.day === row.parentElement?.dataset.day;
      if (next && isSameDay) this.#row(next.dataset.stream ?? "")?.before(row);
      else this.#append(row);
      linkOf(row)?.focus({ preventScroll: true });
    }
  }

  /** @param {HTMLElement} row */
  #append(row) {
    const day = row.closest("section");
    const name = row.parentElement?.dataset.day ?? "";
    const mine = this.#rows.querySelector(`[data-day="${CSS.escape(name)}"]`);
    if (mine) return void mine.append(row);
    if (!day) return;
    const section = document.importNode(day, true);
    section.querySelector("[data-day]")?.replaceChildren(row);
    section.querySelector("#new-pill")?.remove();
    this.#rows.querySelector(".empty")?.before(section);
  }

  /** "All" covers what the list has shown, a place in each log, and nothing that waits. @param {string} cursor */
  #sees(cursor) {
    for (const field of /** @type {NodeListOf<HTMLInputElement>} */ (document.querySelectorAll("main input[name='seen']")))
      field.value = format(newest(parse(field.value), parse(cursor)));
  }

  #looked() {
    if (document.visibilityState === "hidden") this.#hiddenAt = Date.now();
    else if (this.list.unsure || Date.now() - this.#hiddenAt > STALE) this.ask();
  }
}

/** A row becomes what the server says of it; what the reader opened in it stays open. @param {HTMLElement} old @param {HTMLElement} fresh */
function take(old, fresh) {
  if (old.classList.contains("is-closed")) return; // the reader is done with it
  const [open, menu] = [".thread-parts", ".row-menu"].map((part) => old.querySelector(part));
  if (open && !fresh.querySelector(".thread-parts")) fresh.append(open.cloneNode(true));
  if (menu && !fresh.querySelector(".row-menu")) fresh.querySelector(".notification-acts")?.after(menu.cloneNode(true));
  morph(old, fresh);
  delete old.dataset.painted;
  old.querySelector(".notification-body")?.removeAttribute("style");
  if (open) refreshParts(old);
}

/** @param {HTMLElement[]} rows @param {HTMLElement} shown */
function olderThanAll(rows, shown) {
  const known = new Set(threadRows(shown).map((row) => row.dataset.stream));
  const last = rows.findLastIndex((row) => known.has(row.dataset.stream));
  return last < 0 ? [] : rows.slice(last + 1);
}

/** @param {string[]} selectors @param {Document} fresh */
function morphAll(selectors, fresh) {
  for (const selector of selectors) {
    const [old, renewed] = [document, fresh].map((page) => page.querySelectorAll(`main ${selector}`));
    old.forEach((element, i) => renewed[i] && morph(element, renewed[i]));
  }
}
