// A new organization's short name follows its name as one types, until it is typed itself. The server does the same for
// one that is left empty.

const LONGEST = 40;

/** "Bell & Söhne" -> "bell-sohne" @param {string} name */
export function shortName(name) {
  const plain = name.normalize("NFKD").replace(/[\u0300-\u036f]/g, "").toLowerCase();
  return plain.replace(/[^a-z0-9_]+/g, "-").slice(0, LONGEST).replace(/^-+|-+$/g, "");
}

/** @param {HTMLFormElement} form */
export function followName(form) {
  const [name, slug] = ["name", "slug"].map((field) => /** @type {HTMLInputElement} */ (form.elements.namedItem(field)));
  let isOwn = slug.value !== "" && slug.value !== shortName(name.value);
  slug.addEventListener("input", () => (isOwn = slug.value !== ""));
  name.addEventListener("input", () => {
    if (!isOwn) slug.value = shortName(name.value);
  });
}
