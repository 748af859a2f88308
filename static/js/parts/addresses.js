// Where the product's addresses begin: "/", or the path that a proxy serves it under. This file lies below static/.

const { pathname } = new URL(import.meta.url);
const ROOT = pathname.slice(0, pathname.lastIndexOf("/static/") + 1);

/** @param {string} path  without its first slash */
export function at(path) {
  return `${ROOT}${path}`;
}
