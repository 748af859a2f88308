// Passkeys: the browser makes one, or proves its holder by one, before the form is sent. Bytes travel as base64url.

const WORDS = {
  none: "This browser knows no passkeys here. They need https, or http://localhost.",
  cancelled: "No passkey was used. Try again, or take another way.",
  known: "This device has a passkey for your account already.",
  failed: "That did not work. Try again in a moment.",
};

/** @typedef {{publicKey: Record<string, any>}} Options  as the server writes them, with base64url for bytes */

for (const form of document.querySelectorAll("form[data-passkey]")) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void prove(/** @type {HTMLFormElement} */ (form));
  });
}

/** @param {HTMLFormElement} form */
async function prove(form) {
  const button = form.querySelector("button");
  if (button) button.disabled = true;
  try {
    say(form, "");
    if (!window.PublicKeyCredential) return say(form, WORDS.none);
    const credential = await credentialFor(form);
    const field = /** @type {HTMLInputElement} */ (form.elements.namedItem("credential"));
    field.value = JSON.stringify(written(credential));
    form.submit();
  } catch (error) {
    say(form, sentence(error));
  } finally {
    if (button) button.disabled = false;
  }
}

/** @param {HTMLFormElement} form */
async function credentialFor(form) {
  if (form.dataset.passkey === "add") return navigator.credentials.create({ publicKey: creation(shown().creation_options) });
  const options = form.dataset.passkey === "sign-in" ? await asked(form.action) : shown();
  return navigator.credentials.get({ publicKey: request(options.request_options) });
}

/** @returns {Record<string, Options>} */
function shown() {
  return JSON.parse(document.getElementById("passkey-options")?.textContent ?? "{}");
}

/**
 * @param {string} url
 * @returns {Promise<Record<string, Options>>}
 */
async function asked(url) {
  const answer = await fetch(url, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(`the server answered ${answer.status}`);
  return answer.json();
}

/** Every key is asked for as a passkey: kept on the device, which asks who holds it. @param {Options} options */
function creation({ publicKey }) {
  return /** @type {PublicKeyCredentialCreationOptions} */ (/** @type {unknown} */ ({
    ...publicKey,
    challenge: bytes(publicKey.challenge),
    user: { ...publicKey.user, id: bytes(publicKey.user.id) },
    excludeCredentials: known(publicKey.excludeCredentials),
    authenticatorSelection: { residentKey: "required", requireResidentKey: true, userVerification: "required" },
  }));
}

/** @param {Options} options */
function request({ publicKey }) {
  return /** @type {PublicKeyCredentialRequestOptions} */ (/** @type {unknown} */ ({
    ...publicKey,
    challenge: bytes(publicKey.challenge),
    allowCredentials: known(publicKey.allowCredentials),
  }));
}

/** @param {{id: string}[] | undefined} credentials */
function known(credentials) {
  return (credentials ?? []).map((one) => ({ ...one, id: bytes(one.id) }));
}

/** @param {Credential | null} credential */
function written(credential) {
  const { id, type, rawId, response, authenticatorAttachment } = /** @type {any} */ (credential);
  const parts = ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"];
  const given = parts.filter((name) => response[name]);
  const answer = Object.fromEntries(given.map((name) => [name, text(response[name])]));
  if (response.getTransports) answer.transports = response.getTransports();
  const clientExtensionResults = /** @type {any} */ (credential).getClientExtensionResults();
  return { id, type, rawId: text(rawId), response: answer, authenticatorAttachment, clientExtensionResults };
}

/** @param {string} base64url */
function bytes(base64url) {
  return Uint8Array.from(atob(base64url.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));
}

/** @param {ArrayBuffer} buffer */
function text(buffer) {
  return btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

/** @param {unknown} error */
function sentence(error) {
  const name = error instanceof DOMException ? error.name : "";
  if (name === "NotAllowedError" || name === "AbortError") return WORDS.cancelled;
  if (name === "InvalidStateError") return WORDS.known;
  return name === "SecurityError" ? WORDS.none : WORDS.failed;
}

/**
 * @param {HTMLFormElement} form
 * @param {string} words
 */
function say(form, words) {
  const place = /** @type {HTMLElement | null} */ (form.querySelector("[data-passkey-failed]"));
  if (!place) return;
  place.textContent = words;
  place.hidden = !words;
}
