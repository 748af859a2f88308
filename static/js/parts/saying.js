// Says to a screen reader what the page shows to the eye. Few and true: a new sentence takes the place of the old.

const PAUSE = 300; // milliseconds: of several acts at once, the last speaks

let timer = 0;
/** @type {HTMLElement | null} */
let place = null;

/** @param {string} sentence */
export function say(sentence) {
  place ??= made();
  clearTimeout(timer);
  timer = setTimeout(() => place && (place.textContent = sentence), PAUSE);
}

function made() {
  const region = Object.assign(document.createElement("p"), { className: "visually-hidden", role: "status" });
  return document.body.appendChild(region);
}
