// Fetches a page of ours, or a piece of one, that nobody has looked at yet: the server reads no notification for it.

/**
 * @param {string} address
 * @returns {Promise<Document | null>}  null where it could not be had
 */
export async function readAhead(address) {
  try {
    const response = await fetch(address, { headers: ONLY_A_LOOK, cache: "no-store" });
    if (!response.ok || !response.headers.get("Content-Type")?.startsWith("text/html")) return null;
    return new DOMParser().parseFromString(await response.text(), "text/html");
  } catch {
    return null;
  }
}

export const ONLY_A_LOOK = { Accept: "text/html", "X-Purpose": "preview" };
