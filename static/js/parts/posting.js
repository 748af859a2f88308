// Posts a form without leaving the page, with today's token: a form's own may be older than the last sign-in, and the
// server would take it first.

const FIELD = "csrfmiddlewaretoken";

let cookie = "csrftoken";

/** @param {string} name  of the cookie that holds today's token */
export function useCookie(name) {
  cookie = name;
}

/**
 * @param {string} url
 * @param {FormData} form
 * @param {AbortSignal} [signal]
 */
export function post(url, form, signal) {
  const headers = { Accept: "application/json", "X-CSRFToken": tokenFor(form) };
  const body = new FormData();
  for (const [name, value] of form) if (name !== FIELD) body.append(name, value);
  return fetch(url, { method: "POST", body, headers, credentials: "same-origin", redirect: "manual", signal });
}

/** @param {FormData} form */
function tokenFor(form) {
  const kept = document.cookie.split("; ").find((pair) => pair.startsWith(`${cookie}=`));
  const field = /** @type {HTMLInputElement | null} */ (document.querySelector(`[name='${FIELD}']`));
  return kept?.slice(cookie.length + 1) ?? String(form.get(FIELD) ?? field?.value ?? "");
}
