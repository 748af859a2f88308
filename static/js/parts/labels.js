// Labels of a task, as the server's templates draw them.

const TINTS = 4;

/** The same everywhere: it follows from the word. @param {string} label */
export function tint(label) {
  return [...label].reduce((sum, character) => sum + (character.codePointAt(0) ?? 0), 0) % TINTS;
}

/**
 * @param {Element} place
 * @param {string[]} labels
 */
export function showLabels(place, labels) {
  place.replaceChildren(...labels.map(drawn));
}

/** @param {Element} place */
export function labelsIn(place) {
  return [...place.querySelectorAll(".label")].map((label) => label.textContent ?? "");
}

/** @param {string} label */
function drawn(label) {
  const element = document.createElement("span");
  Object.assign(element, { className: "label", dir: "auto", textContent: label });
  element.dataset.tint = String(tint(label));
  return element;
}
