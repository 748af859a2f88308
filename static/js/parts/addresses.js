// Where the product's addresses begin: "/", or the path that a proxy serves it under. This file lies in static/js/parts/.

const ROOT = new URL("../../../", import.meta.url).pathname;

/** @param {string} path  without its first slash */
export function at(path) {
  return `${ROOT}${path}`;
}
