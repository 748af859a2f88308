// Somebody changed the same field meanwhile: both versions beside each other, and the choice.

/** @typedef {import("./saving.js").Both} Both */

/**
 * @param {Both} both
 * @returns {Promise<boolean>} whether the reader's own is to be saved all the same
 */
export function choose(both) {
  const dialog = Object.assign(document.createElement("dialog"), { className: "both-dialog panel" });
  dialog.setAttribute("aria-labelledby", "both-title");
  const sides = made("div", { className: "both" });
  sides.append(side("Yours", both.yours), side("Theirs", both.theirs));
  const form = made("form", { method: "dialog", className: "form-acts" });
  form.append(
    made("button", { className: "button button-primary", value: "mine", textContent: "Use mine" }),
    made("button", { className: "button", value: "theirs", textContent: "Keep theirs" }),
  );
  dialog.append(
    made("h2", { id: "both-title", textContent: `${both.label}: yours or theirs?` }),
    made("p", { textContent: both.said }),
    sides,
    form,
  );
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) =>
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "mine");
    }),
  );
}

/**
 * @param {string} name
 * @param {string} text
 */
function side(name, text) {
  const element = made("div", { className: "both-side" });
  element.append(
    made("p", { className: "both-name", textContent: name }),
    made("p", { className: "prose", dir: "auto", textContent: text }),
  );
  return element;
}

/**
 * @param {string} tag
 * @param {Record<string, string>} properties
 */
function made(tag, properties) {
  return Object.assign(document.createElement(tag), properties);
}
