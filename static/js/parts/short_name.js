// A new organization's short name, or a new person's user name, follows the name as one types, until it is typed itself.
// The server does the same for one that is left empty.

const LONGEST = 40;

/** "Bell & Söhne" -> "bell-sohne" @param {string} name */
export function shortName(name) {
  const plain = name.normalize("NFKD").replace(/[\u0300-\u036f]/g, "").toLowerCase();
  return plain.replace(/[^a-z0-9_]+/g, "-").slice(0, LONGEST).replace(/^-+|-+$/g, "");
}

/** @param {HTMLFormElement} form @param {[string, string]} fields the name, and what follows it */
export function followName(form, fields = ["name", "slug"]) {
  const [name, slug] = fields.map((field) => /** @type {HTMLInputElement} */ (form.elements.namedItem(field)));
  let isOwn = slug.value !== "" && slug.value !== shortName(name.value);
  slug.addEventListener("input", () => (isOwn = slug.value !== ""));
  name.addEventListener("input", () => {
    if (!isOwn) slug.value = shortName(name.value);
  });
}
