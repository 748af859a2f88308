// Comments on the open page: put in their places as the server renders them, and changed without leaving the page.

import { keepComposing } from "./composing.js";
import { freshen } from "./rows.js";
import { send } from "./sending.js";
import { refreshTimes } from "./times.js";

const PAUSE = 150; // milliseconds: a burst of reactions is one look
/** @type {Map<number, ReturnType<typeof setTimeout>>} */
const waiting = new Map();

const timeline = () => document.getElementById("timeline");

/**
 * Put a comment in its place: instead of what the page has of it, or among its neighbours.
 * @param {string} html  our server's
 * @returns {HTMLElement | null} null where this page shows another part of the history
 */
export function place(html) {
  const list = timeline();
  const item = /** @type {HTMLElement | null} */ (
    new DOMParser().parseFromString(html, "text/html").querySelector("li.timeline-comment")
  );
  if (!list || !item) return null;
  const old = list.querySelector(`[data-event="${item.dataset.event}"]`);
  if (!old && list.dataset.later) return null;
  refreshTimes(item);
  if (old) exchange(old, item);
  else list.insertBefore(item, after(list, Number(item.dataset.position)));
  return item;
}

/**
 * Ask the server for a comment of which something is news.
 * @param {number} version
 * @param {(item: HTMLElement) => void} [shown]
 */
export function renewComment(version, shown) {
  clearTimeout(waiting.get(version));
  const look = async () => {
    waiting.delete(version);
    const old = timeline()?.querySelector(`.timeline-comment[data-version="${version}"]`);
    if (!old || old.querySelector("form.comment-edit")) return; // somebody types there
    const response = await fetch(`${location.pathname}comments/${version}/`).catch(() => null);
    if (!response?.ok || response.redirected || old.querySelector("form.comment-edit")) return;
    const item = place(await response.text());
    if (item) shown?.(item);
  };
  waiting.set(version, setTimeout(look, PAUSE));
}

/** The small forms of comments, and the link to edit one. */
export function keepComments() {
  document.addEventListener("submit", async (event) => {
    const form = /** @type {HTMLFormElement} */ (event.target);
    if (!form.matches("[data-in-place]") || !form.closest("#timeline")) return;
    event.preventDefault();
    const answer = await send(form, /** @type {HTMLButtonElement | null} */ (event.submitter));
    const shown = answer && place(answer.html);
    if (shown && form.matches(".comment-edit")) {
      freshen(shown);
      /** @type {HTMLElement | null} */ (shown.querySelector("[data-edit-comment]"))?.focus();
    }
  });
  document.addEventListener("click", (event) => {
    const link = /** @type {Element} */ (event.target).closest("a[data-edit-comment]");
    if (!(link instanceof HTMLAnchorElement) || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    edit(link).catch(() => location.assign(link.href));
  });
}

/** @param {HTMLAnchorElement} link */
async function edit(link) {
  const item = link.closest("li");
  const response = await fetch(link.href, { headers: { Accept: "text/html" } });
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const form = /** @type {HTMLFormElement | null} */ (page.querySelector("form.comment-edit"));
  if (!item || !form) return location.assign(link.href);
  form.action = link.href;
  form.classList.remove("panel", "panel-padded");
  const hidden = [...item.querySelectorAll(".prose, .reactions, .comment-acts")];
  const show = (/** @type {boolean} */ on) => hidden.forEach((each) => each.toggleAttribute("hidden", !on));
  show(false);
  item.querySelector(".comment")?.append(form);
  const [composing] = keepComposing(form);
  composing.field.focus();
  form.querySelector("[data-cancel]")?.addEventListener("click", (event) => {
    event.preventDefault();
    form.remove();
    show(true);
    link.focus();
  });
}

/**
 * The focus stays on the same control.
 * @param {Element} old
 * @param {HTMLElement} item
 */
function exchange(old, item) {
  const focused = old.contains(document.activeElement) ? document.activeElement : null;
  old.replaceWith(item);
  if (!focused) return;
  const value = focused.getAttribute("value");
  const same = value && item.querySelector(`.reactions > [value="${value}"]`);
  const instead = same || item.querySelector(".reaction-add") || item.querySelector("a");
  /** @type {HTMLElement | null} */ (instead)?.focus();
}

/**
 * @param {HTMLElement} list
 * @param {number} position
 */
function after(list, position) {
  const items = /** @type {HTMLElement[]} */ ([...list.children]);
  return items.find((item) => Number(item.dataset.position) > position) ?? null;
}
