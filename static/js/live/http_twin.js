// Reads the HTTP twin of a socket: the same items and cursors as JSON. Used to learn why a handshake failed,
// to catch up, and instead of the socket where sockets are blocked.

/** @import { TwinAnswer } from "../frames.js" */

const PATIENCE = 10_000;

/** @typedef {{verdict: "ok", body: TwinAnswer} | {verdict: "signed-out" | "gone" | "unreachable"}} Verdict */

/**
 * @param {string} address
 * @param {string} after  the cursor, "" for none
 * @returns {Promise<Verdict>}
 */
export async function readTwin(address, after) {
  const url = after ? `${address}?after=${encodeURIComponent(after)}` : address;
  try {
    const response = await fetch(url, {
      headers: { Accept: "application/json" },
      credentials: "same-origin",
      cache: "no-store",
      redirect: "manual",
      signal: AbortSignal.timeout(PATIENCE),
    });
    if (response.status === 401 || response.type === "opaqueredirect") return { verdict: "signed-out" };
    if (response.status === 403 || response.status === 404) return { verdict: "gone" };
    if (!response.ok) return { verdict: "unreachable" };
    return { verdict: "ok", body: await response.json() };
  } catch {
    return { verdict: "unreachable" };
  }
}
