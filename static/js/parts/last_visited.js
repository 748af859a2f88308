// Tells the server, by a cookie, which organization was visited last: pages of none lead back to it.

import { at } from "./addresses.js";

const YEAR = 365 * 24 * 3600; // seconds

export function rememberOrganization() {
  const slug = /** @type {HTMLElement | null} */ (document.querySelector(".bar"))?.dataset.org;
  if (slug) document.cookie = `organization=${slug}; path=${at("")}; max-age=${YEAR}; samesite=lax`;
}
