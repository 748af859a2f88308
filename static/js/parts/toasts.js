// News in the corner: at most three, the rest as one line with a number. Each goes by itself, but not while
// somebody points at it or reads it by keyboard.

import { at } from "./addresses.js";
import { fromTemplate } from "./rows.js";

const MOST = 3;
const STAY = 8_000;

/** @type {HTMLElement | null} */
let rest = null;
let more = 0;

/**
 * @param {{sentence: string, title?: string, href?: string}} news
 */
export function toast({ sentence, title = "", href }) {
  const place = document.getElementById("toasts");
  if (!place) return;
  if (place.childElementCount < MOST) return void add(place, { sentence, title, href });
  more += 1;
  rest ??= add(place, { sentence: "", title: "", href: at("inbox/") });
  const words = rest?.querySelector("[data-slot='sentence']");
  if (words) words.textContent = `and ${more} more in your inbox`;
}

/** Something did not work. Says what, and what to do. @param {string} sentence */
export function complain(sentence) {
  const place = document.getElementById("toasts");
  const shown = place && add(place, { sentence, title: "" });
  if (shown) shown.dataset.level = "error";
}

/**
 * @param {HTMLElement} place
 * @param {{sentence: string, title: string, href?: string}} news
 */
function add(place, { sentence, title, href }) {
  const shown = fromTemplate("toast-template", { sentence, title });
  if (!shown) return null;
  if (href) shown.querySelector("[data-slot='link']")?.setAttribute("href", href);
  shown.querySelector("[data-act='close']")?.addEventListener("click", () => drop(shown));
  stay(shown);
  place.append(shown);
  return shown;
}

/** @param {HTMLElement} shown */
function stay(shown) {
  let timer = setTimeout(() => drop(shown), STAY);
  const hold = () => clearTimeout(timer);
  const go = () => {
    clearTimeout(timer);
    timer = setTimeout(() => drop(shown), STAY);
  };
  shown.addEventListener("pointerenter", hold);
  shown.addEventListener("pointerleave", go);
  shown.addEventListener("focusin", hold);
  shown.addEventListener("focusout", go);
}

/** @param {HTMLElement} shown */
function drop(shown) {
  shown.remove();
  if (shown !== rest) return;
  rest = null;
  more = 0;
}
