// Imports the rows of a preview in parts and shows how far it is. Without it the form does all in one request.

import { post } from "./posting.js";

const FAILED = "The server cannot be reached. What is imported stays. Press Import again, and it goes on from there.";

/** @param {HTMLFormElement} form */
export function importInParts(form) {
  form.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (!(button instanceof HTMLButtonElement) || button.name !== "import") return;
    event.preventDefault();
    if (button.getAttribute("aria-disabled") === "true") return;
    button.setAttribute("aria-disabled", "true"); // and it keeps the focus
    addEventListener("beforeunload", ask);
    void inParts(form)
      .then((place) => {
        removeEventListener("beforeunload", ask);
        location.assign(place);
      })
      .catch((error) => {
        removeEventListener("beforeunload", ask);
        say(error instanceof Refused ? error.message : FAILED);
        button.removeAttribute("aria-disabled");
      });
  });
}

class Refused extends Error {}

/** Who leaves meanwhile leaves the rest out. @param {BeforeUnloadEvent} event */
function ask(event) {
  event.preventDefault();
}

/**
 * @param {HTMLFormElement} form
 * @returns {Promise<string>}  where what was imported is shown
 */
async function inParts(form) {
  const wish = new FormData(form);
  wish.set("import", "part");
  say("Importing…");
  for (let before = -1; ; ) {
    const response = await post(location.href, wish);
    const answer = await response.json();
    if (!response.ok) throw new Refused(answer.error?.message ?? FAILED);
    say(`${answer.done.toLocaleString("en")} of ${answer.of.toLocaleString("en")} tasks imported`, answer.done);
    if (answer.done >= answer.of || answer.done <= before) return answer.location;
    before = answer.done;
  }
}

/**
 * @param {string} words
 * @param {number} [done]
 */
function say(words, done) {
  const place = /** @type {HTMLElement} */ (document.getElementById("import-progress"));
  const bar = /** @type {HTMLProgressElement} */ (place.querySelector("progress"));
  place.hidden = false;
  if (done !== undefined) bar.value = done;
  /** @type {HTMLElement} */ (place.querySelector("[role=status]")).textContent = words;
}
