// Renews the part of a page that changes by itself and that no frame tells of: it asks for it again while it is looked at.

import { morph } from "./morph.js";

const EVERY = 5_000; // milliseconds

export function keepPolled() {
  const part = document.querySelector("[data-polled]");
  if (part) setInterval(() => void renew(part), EVERY);
}

/** @param {Element} part */
async function renew(part) {
  if (document.hidden || part.contains(document.activeElement)) return;
  const address = new URL(location.href);
  address.searchParams.set("part", "1");
  try {
    const answer = await fetch(address, { headers: { Accept: "text/html" } });
    if (answer.ok && !answer.redirected) put(part, await answer.text());
  } catch {
    // Away: the page stays as it was.
  }
}

/**
 * @param {Element} part
 * @param {string} html
 */
function put(part, html) {
  const fresh = part.cloneNode(false);
  if (!(fresh instanceof Element)) return;
  fresh.append(...new DOMParser().parseFromString(html, "text/html").body.childNodes);
  if (part.querySelector("details[open], li:hover")) return; // somebody reads, or is about to press: nothing moves
  morph(part, fresh);
}
