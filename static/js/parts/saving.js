// Sends a small form of a task as the page would, without leaving it. The answer says the task's version, or what is in
// the way.

import { post } from "./posting.js";

/**
 * @typedef {{field: string, label: string, said: string, yours: string, theirs: string, version: number}} Both
 * @typedef {{version: number, complaint: string, both?: Both}} Saved  no complaint when it worked
 */

const FAILED = "That was not saved: the server cannot be reached. What you typed is still here. Try again in a moment.";
const CHANGED = "That was not saved, because your sign-in has changed. Reload the page and try again.";

/**
 * @param {string} url
 * @param {FormData} body
 * @returns {Promise<Saved>}
 */
export async function save(url, body) {
  try {
    const response = await post(url, body);
    if (response.type === "opaqueredirect" || response.status === 401) return { version: 0, complaint: CHANGED };
    const answer = await response.json();
    if (response.ok) return { version: answer.version, complaint: "" };
    return { version: 0, complaint: answer.error?.message ?? FAILED, both: answer.both };
  } catch {
    return { version: 0, complaint: FAILED };
  }
}
