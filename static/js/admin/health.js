// The Health page renews its part when a frame says that a process has spoken, and now and then without one.

import { backoff, STABLE } from "../live/backoff.js";
import { morph } from "../parts/morph.js";

const SLOWLY = 20_000; // milliseconds without a frame

const part = document.querySelector("[data-health]");
let failures = 0;
let timer = 0;
let asking = false;

async function renew() {
  clearTimeout(timer);
  timer = setTimeout(renew, SLOWLY);
  if (!part || asking || document.hidden) return;
  asking = true;
  try {
    const answer = await fetch("?part=1", { headers: { Accept: "text/html" } });
    if (answer.ok && !answer.redirected) put(await answer.text());
  } catch {
    // Away: the page stays as it was, with its time.
  } finally {
    asking = false;
  }
}

/** @param {string} html */
function put(html) {
  const fresh = new DOMParser().parseFromString(html, "text/html").body;
  const own = part?.cloneNode(false);
  if (!(own instanceof Element) || !part) return;
  own.append(...fresh.childNodes);
  const open = [...part.querySelectorAll("details")].map((each) => each.open);
  [...own.querySelectorAll("details")].forEach((each, i) => (each.open = open[i] ?? false));
  morph(part, own);
}

function listen() {
  const address = new URL(part?.getAttribute("data-socket") ?? "", location.href);
  address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
  const socket = new WebSocket(address);
  const began = Date.now();
  socket.addEventListener("message", ({ data }) => {
    if (JSON.parse(data).type === "health") renew();
  });
  socket.addEventListener("close", () => {
    failures = Date.now() - began > STABLE ? 0 : failures + 1;
    setTimeout(listen, backoff(failures, Math.random));
  });
}

document.addEventListener("visibilitychange", renew);
timer = setTimeout(renew, SLOWLY);
listen();
