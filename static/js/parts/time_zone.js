// Tells the server the reader's time zone, by a cookie, so that the days on its pages are theirs.

import { at } from "./addresses.js";

const YEAR = 365 * 24 * 3600; // seconds

/** Whether this page was made before the server knew, and may have other days. */
export const isNews = tell(Intl.DateTimeFormat().resolvedOptions().timeZone);

/** @param {string} zone */
function tell(zone) {
  const told = `timezone=${zone}`;
  const isKept = () => document.cookie.split("; ").includes(told);
  if (isKept()) return false;
  document.cookie = `${told}; path=${at("")}; max-age=${YEAR}; samesite=lax`;
  return isKept() && zone !== "UTC";
}
