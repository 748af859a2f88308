// Where one signs up, and where an installation begins: a short name follows the name.

import { followName } from "./parts/short_name.js";

for (const form of document.querySelectorAll("form[data-follows]")) {
  if (form instanceof HTMLFormElement) followName(form, /** @type {[string, string]} */ (form.dataset.follows?.split(" ")));
}
