// A task's history on its page, oldest first. An event stands there at once in the words of its frame; the server's own
// entry takes its place as soon as it is there, and looks as it does after a reload.

/** @import { TaskEventFrame } from "../frames.js" */

import { InView } from "./in_view.js";
import { keepingPlace } from "./keeping_place.js";
import { readAhead } from "./reading_ahead.js";
import { freshen } from "./rows.js";
import { insert, plain, putEntries, versionOf } from "./timeline_entries.js";
import { refreshTimes } from "./times.js";

const BURST = 150; // milliseconds in which more may come

export class Timeline {
  #list;
  #address;
  #reading;
  #renew;
  #inView = new InView((entries) => this.#saw(entries), heightOfFoot());
  /** @type {Set<string>} events below what somebody reads, by id */
  #below = new Set();
  #pill;
  #later = 0; // how many came while the page shows an older stretch
  #timer = 0;
  #busy = false;

  /**
   * @param {HTMLElement} list
   * @param {string} address  of entries beyond a version
   * @param {import("./reading.js").Reading} reading
   * @param {() => void} renew  read the page again: too much is missing
   */
  constructor(list, address, reading, renew) {
    this.#list = list;
    this.#address = address;
    this.#reading = reading;
    this.#renew = renew;
    this.#pill = this.#made();
    document.addEventListener("click", (event) => this.#clicked(event));
    this.renewed();
  }

  /** The list was read again, or for the first time. */
  renewed() {
    for (const entry of this.#entries("[data-unread]")) this.#inView.watch(entry);
  }

  /** Something in it is news. @param {HTMLElement} entry */
  watch(entry) {
    this.#inView.watch(entry);
  }

  /** @param {TaskEventFrame} frame */
  has({ event_id: id }) {
    return this.#entries(`:is([data-event="${id}"], [data-parts~="${id}"])`).length > 0;
  }

  /** @param {TaskEventFrame} frame  @param {boolean} isOwn */
  append(frame, isOwn) {
    if (this.#list.dataset.later) return this.#sayLater();
    const entry = plain(frame);
    if (!entry) return;
    // One save is one entry, at the last of its events.
    const parts = (frame.save?.events ?? []).map((id) => `[data-plain][data-event="${id}"]:not(.timeline-comment)`);
    if (!isOwn) this.#below.add(String(frame.event_id));
    keepingPlace(typedIn(), () => {
      for (const part of parts.flatMap((which) => this.#entries(which))) this.#drop(part);
      insert(this.#list, entry);
    });
    refreshTimes(entry);
    freshen(entry);
    this.#inView.watch(entry);
    this.#sayBelow();
    this.#plan();
  }

  #plan() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#fetch(), BURST);
  }

  /** @param {HTMLElement} entry */
  #drop(entry) {
    this.#below.delete(entry.dataset.event ?? "");
    entry.remove();
  }

  /** @param {string} which */
  #entries(which = "") {
    return /** @type {HTMLElement[]} */ ([...this.#list.querySelectorAll(`.timeline-item${which}`)]);
  }

  async #fetch() {
    if (this.#busy) return this.#plan();
    const [oldest] = this.#entries("[data-plain]");
    if (!oldest) return;
    this.#busy = true;
    const after = versionOf(oldest) - 1;
    const page = await readAhead(`${this.#address}?after=${after}`);
    this.#busy = false;
    const fresh = /** @type {HTMLElement[]} */ ([...(page?.querySelectorAll(".timeline-item") ?? [])]);
    if (!fresh.length) return;
    if (Number(fresh[0].dataset.first) > after + 1) return this.#renew();
    keepingPlace(typedIn(), () => this.#put(fresh));
    refreshTimes(this.#list);
  }

  /** @param {HTMLElement[]} fresh */
  #put(fresh) {
    for (const entry of putEntries(this.#list, fresh)) this.#inView.watch(entry);
    const upTo = Math.max(...fresh.map(versionOf));
    for (const plain of this.#entries("[data-plain]")) if (versionOf(plain) <= upTo) this.#drop(plain);
  }

  /** @param {HTMLElement[]} entries */
  #saw(entries) {
    this.#reading.saw(entries);
    for (const entry of entries) this.#below.delete(entry.dataset.event ?? "");
    this.#sayBelow();
  }

  #made() {
    const pill = document.createElement("button");
    Object.assign(pill, { type: "button", className: "button new-below", hidden: true });
    pill.addEventListener("click", () => {
      const [id = ""] = this.#below;
      document.getElementById(`event-${id}`)?.scrollIntoView({ block: "center" });
    });
    document.getElementById("timeline-end")?.after(pill);
    return pill;
  }

  #sayBelow() {
    this.#pill.textContent = `${this.#below.size} new below`;
    this.#pill.hidden = this.#below.size === 0;
  }

  #sayLater() {
    const link = document.querySelector("[data-newest]");
    if (link) link.textContent = `Show the newest entries (${++this.#later} new)`;
  }

  /** Earlier entries come above those there, which stay where they are. @param {MouseEvent} event */
  #clicked(event) {
    const link = event.target instanceof Element && event.target.closest("a[data-earlier]");
    if (!(link instanceof HTMLAnchorElement) || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    void this.#showEarlier(link);
  }

  /** @param {HTMLAnchorElement} link */
  async #showEarlier(link) {
    const page = await readAhead(link.href);
    const earlier = page?.getElementById("timeline");
    if (!page || !earlier) return location.assign(link.href);
    keepingPlace(this.#list.firstElementChild, () => {
      this.#list.prepend(...earlier.children);
      const paragraph = link.parentElement;
      const more = page.querySelector("a[data-earlier]")?.parentElement;
      if (more) paragraph?.replaceWith(more);
      else paragraph?.remove();
    });
    for (const line of [...this.#list.querySelectorAll(".timeline-new")].slice(1)) line.remove();
    refreshTimes(this.#list);
    this.renewed();
  }
}

/** In pixels: where people write, and a phone's dock, cover the end of the page. */
function heightOfFoot() {
  const covers = /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(".task-foot > form, .dock"));
  return [...covers].reduce((sum, { offsetHeight }) => sum + offsetHeight, 0);
}

/** What somebody types in below the history, if they do. */
function typedIn() {
  const active = document.activeElement;
  return active?.closest(".task-foot") ? active : null;
}
