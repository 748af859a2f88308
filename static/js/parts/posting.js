// Sends a form of acts on notifications as the page would, without leaving it.

const FAILED = "That mark was not saved. Nothing else is lost: try again in a moment.";
const CHANGED = "That mark was not saved, because your sign-in has changed. Reload the page and try again.";

/**
 * @param {string} url
 * @param {FormData} body
 * @param {string} cookie
 * @returns {Promise<{revision: number | null, complaint: string}>}  no complaint when it worked
 */
export async function post(url, body, cookie) {
  // The cookie is always today's; the form's token may be older than the last sign-in.
  const kept = document.cookie.split("; ").find((pair) => pair.startsWith(`${cookie}=`));
  const token = kept?.slice(cookie.length + 1) ?? String(body.get("csrfmiddlewaretoken"));
  try {
    const response = await fetch(url, {
      method: "POST",
      body,
      headers: { Accept: "application/json", "X-CSRFToken": token },
      credentials: "same-origin",
      redirect: "manual",
    });
    const revision = Number(response.headers.get("X-Inbox-Revision") ?? Infinity);
    if (response.ok) return { revision, complaint: "" };
    const isElse = response.type === "opaqueredirect" || [401, 403].includes(response.status);
    return { revision: null, complaint: isElse ? CHANGED : FAILED };
  } catch {
    return { revision: null, complaint: FAILED };
  }
}
