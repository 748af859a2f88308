// A task's history on its page, oldest first. An event stands there at once in the words of its frame; the server's own
// entry takes its place as soon as it is there, and looks as it does after a reload.

/** @import { TaskEventFrame } from "../frames.js" */

import { InView } from "./in_view.js";
import { keepingPlace } from "./keeping_place.js";
import { readAhead } from "./reading_ahead.js";
import { freshen, fromTemplate, initials, showText } from "./rows.js";
import { refreshTimes } from "./times.js";

const BURST = 150; // milliseconds in which more may come

export class Timeline {
  #list;
  #address;
  #reading;
  #renew;
  #inView = new InView((entries) => this.#saw(entries));
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

  /** @param {TaskEventFrame} frame */
  has(frame) {
    return this.#entries(`[data-event="${frame.event_id}"]`).length > 0;
  }

  /** @param {TaskEventFrame} frame  @param {boolean} isOwn */
  append(frame, isOwn) {
    if (this.#list.dataset.later) return this.#sayLater();
    const entry = plain(frame);
    if (!entry) return;
    if (!isOwn) this.#below.add(String(frame.event_id));
    keepingPlace(typedIn(), () => this.#list.append(entry));
    refreshTimes(entry);
    freshen(entry);
    this.#inView.watch(entry);
    this.#sayBelow();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#fetch(), BURST);
  }

  /** @param {string} which */
  #entries(which = "") {
    return /** @type {HTMLElement[]} */ ([...this.#list.querySelectorAll(`.timeline-item${which}`)]);
  }

  async #fetch() {
    if (this.#busy) return void (this.#timer = setTimeout(() => void this.#fetch(), BURST));
    this.#busy = true;
    const last = this.#entries(":not([data-plain])").at(-1)?.dataset.version ?? "0";
    const page = await readAhead(`${this.#address}?after=${last}`);
    this.#busy = false;
    const fresh = /** @type {HTMLElement[]} */ ([...(page?.querySelectorAll(".timeline-item") ?? [])]);
    if (!fresh.length) return;
    if (first(fresh) > Number(last) + 1) return this.#renew();
    keepingPlace(typedIn(), () => this.#put(fresh));
    refreshTimes(this.#list);
  }

  /** @param {HTMLElement[]} fresh */
  #put(fresh) {
    const upTo = Number(fresh.at(-1)?.dataset.version);
    const before = new Map(this.#entries("[data-plain]").map((entry) => [entry.dataset.event, entry]));
    const beyond = [...before.values()].find((entry) => Number(entry.dataset.version) > upTo) ?? null;
    for (const entry of fresh) {
      const plain = before.get(entry.dataset.event);
      if (!plain && this.#entries(`[data-event="${entry.dataset.event}"]`).length) continue; // its form's answer was faster
      if (!plain || plain.classList.contains("is-fresh")) freshen(entry);
      if (plain && !("unread" in plain.dataset)) delete entry.dataset.unread;
      this.#list.insertBefore(entry, beyond);
      this.#inView.watch(entry);
    }
    for (const entry of before.values()) if (Number(entry.dataset.version) <= upTo) entry.remove();
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

/** An event in the words of its frame. @param {TaskEventFrame} frame */
function plain(frame) {
  const entry = fromTemplate(
    frame.action === "commented" ? "timeline-comment-template" : "timeline-item-template",
    {
      did: frame.sentence.replace(frame.actor, "").replace(frame.key, "it"),
      actor: frame.actor,
      actor_id: String(frame.actor_id),
      avatar: initials(frame.actor),
      time: frame.created_at,
    },
  );
  if (!entry) return null;
  const text = entry.querySelector("[data-slot='text']");
  if (text && frame.action === "commented") showText(text, frame.details.text);
  entry.querySelector(".timeline-when")?.setAttribute("href", `?version=${frame.version}`);
  entry.id = `event-${frame.event_id}`;
  const { event_id: event, position, version } = frame;
  Object.assign(entry.dataset, { event, position, version, plain: "" });
  if (frame.notification?.unread) entry.dataset.unread = "";
  return entry;
}

/** What somebody types in below the history, if they do. */
function typedIn() {
  const active = document.activeElement;
  return active?.closest(".task-foot") ? active : null;
}

/** @param {HTMLElement[]} entries */
function first(entries) {
  return Number(entries[0].dataset.first ?? entries[0].dataset.version);
}
