// The chip in the bar: whether this page is live, in words. A screen reader is told of what changes, not of each page.

import { clock } from "./times.js";

/** @typedef {import("../live/connection.js").State} State */

/** Worst first: a page that follows two addresses is as live as the worse of them. */
const RANKS = ["signed-out", "stopped", "offline", "connecting", "catching", "polling", "live"];

/** @type {Record<State["name"], "live" | "catching" | "offline" | "connecting">} */
const LOOKS = {
  "signed-out": "offline",
  stopped: "offline",
  offline: "offline",
  connecting: "connecting",
  catching: "catching",
  polling: "live",
  live: "live",
};

/** What was last told to a screen reader; a page that comes up live tells nothing. */
let told = "Live";

/**
 * @param {State[]} states
 * @returns {State}
 */
export function worst(states) {
  const [first] = [...states].sort((one, other) => RANKS.indexOf(one.name) - RANKS.indexOf(other.name));
  return { ...first, left: states.reduce((sum, state) => sum + state.left, 0) };
}

/** @param {State} state */
export function words(state) {
  switch (state.name) {
    case "live":
      return "Live";
    case "polling":
      return "Live, by polling";
    case "catching":
      return `Catching up (${state.left})`;
    case "offline":
      return `Offline since ${clock(new Date(state.since))}`;
    case "connecting":
      return "Connecting";
    case "stopped":
      return "Not live: reload the page";
    case "signed-out":
      return "Signed out";
  }
}

/** @param {State[]} states */
export function showState(states) {
  const state = worst(states);
  for (const chip of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(".state"))) {
    chip.dataset.state = LOOKS[state.name];
    chip.title =
      state.name === "polling" ? "This network blocks live connections. Updates come every 15 seconds." : "";
    const text = chip.querySelector("[data-state-text]");
    if (text && text.textContent !== words(state)) text.textContent = words(state);
  }
  if (LOOKS[state.name] === "live" || LOOKS[state.name] === "offline") tell(words(state));
}

/** @param {string} text */
function tell(text) {
  const place = document.getElementById("state-news");
  if (!place || text === told) return;
  told = text;
  place.textContent = text;
}
