// Fields of a task, changed where they stand: Enter saves, Esc leaves it as it was. In a list the form comes in the place
// of what it changes; on a task's page forms are there already. What others do meanwhile never touches what is typed.

import { choose } from "./both_versions.js";
import { labelsIn } from "./labels.js";
import { save } from "./saving.js";
import { showSaved } from "./task_fields.js";

/** @typedef {import("./task_fields.js").Words} Words */

const PAUSE = 700; // milliseconds: arrow keys go through the choices of a closed menu

/** @param {Words} words */
export function keepEditors(words) {
  document.addEventListener("click", (event) => {
    const target = /** @type {Element} */ (event.target);
    const place = /** @type {HTMLElement | null} */ (target.closest("[data-edit]"));
    if (place && !target.closest(".field-form")) open(place, place.dataset.edit ?? "");
  });
  document.addEventListener("submit", (event) => {
    const form = /** @type {HTMLFormElement} */ (event.target);
    if (!form.matches(".field-form")) return;
    event.preventDefault();
    void send(form, words);
  });
  document.addEventListener("focusin", ({ target }) => looked(formOf(target)));
  document.addEventListener("input", ({ target }) => {
    const form = formOf(target);
    if (form) form.dataset.typed = "1";
  });
  document.addEventListener("change", ({ target }) => {
    const form = formOf(target);
    if (!form || !(target instanceof HTMLElement)) return;
    if (target.matches("select")) later(form);
    else if (target.matches("[name='labels']")) form.requestSubmit(); // by a click on one that is offered, or elsewhere
  });
  document.addEventListener("focusout", ({ target }) => {
    const form = formOf(target);
    if (form) setTimeout(() => left(form));
  });
}

/** @param {EventTarget | null} target */
function formOf(target) {
  return target instanceof Element ? /** @type {HTMLFormElement | null} */ (target.closest(".field-form")) : null;
}

/** @param {Element} element */
function taskOf(element) {
  return /** @type {HTMLElement | null} */ (element.closest("[data-task]"));
}

/** What is seen now is what the change will be made from. @param {HTMLFormElement | null} form */
function looked(form) {
  const task = form && taskOf(form);
  if (!task || form.dataset.typed) return;
  const versions = [task.dataset.version, task.dataset[`saved${form.dataset.edits}`]].map((version) => Number(version ?? 0));
  control(form, "seen_version").value = String(Math.max(...versions));
}

/**
 * @param {HTMLElement} opener
 * @param {string} field
 */
function open(opener, field) {
  const task = taskOf(opener);
  const template = /** @type {HTMLTemplateElement | null} */ (document.getElementById("field-editors"));
  const place = task?.querySelector(`[data-place="${field}"]`);
  const found = template?.content.querySelector(`[data-edits="${field}"]`);
  if (!task || !place || !found || place.classList.contains("is-editing")) return;
  for (const other of document.querySelectorAll(".is-editing > .field-form")) close(/** @type {HTMLFormElement} */ (other));
  const form = /** @type {HTMLFormElement} */ (found.cloneNode(true));
  const action = form.getAttribute("action") ?? ""; // as it is written: a template's content has no address
  form.setAttribute("action", action.replace("/0/", `/${task.dataset.number}/`));
  place.classList.add("is-editing");
  place.append(form);
  const edited = edits(form);
  edited.value = valueOf(task, field);
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.preventDefault();
    event.stopPropagation();
    close(form, true);
  });
  edited.focus();
  if (edited instanceof HTMLInputElement && edited.type !== "date") edited.select();
}

/**
 * @param {HTMLFormElement} form
 * @param {boolean} [isBack]  whether the focus goes back to the row
 */
function close(form, isBack = false) {
  const place = form.closest(".is-editing");
  if (!place) return;
  const task = taskOf(form);
  delete form.dataset.typed;
  form.remove();
  place.classList.remove("is-editing");
  if (isBack) /** @type {HTMLElement | null} */ (task?.querySelector(".edit-button, .row-link"))?.focus();
}

/** The focus went elsewhere: what was typed is saved, what was not touched closes. @param {HTMLFormElement} form */
function left(form) {
  if (!form.isConnected || form.contains(document.activeElement) || document.querySelector("dialog[open]")) return;
  if (form.dataset.typed) form.requestSubmit();
  else close(form);
}

/** @type {WeakMap<HTMLFormElement, number>} */
const waiting = new WeakMap();

/** @param {HTMLFormElement} form */
function later(form) {
  clearTimeout(waiting.get(form));
  waiting.set(form, setTimeout(() => form.isConnected && form.dataset.typed && form.requestSubmit(), PAUSE));
}

/**
 * @param {HTMLFormElement} form
 * @param {Words} words
 */
async function send(form, words) {
  clearTimeout(waiting.get(form));
  if (form.getAttribute("aria-busy") === "true") return;
  const task = taskOf(form);
  const typed = edits(form);
  const sent = typed.value;
  form.setAttribute("aria-busy", "true");
  complain(form, "");
  let saved = await save(form.action, new FormData(form));
  if (saved.both) {
    const isMine = await choose(saved.both);
    control(form, "seen_version").value = String(saved.both.version);
    if (!isMine) return give(form, task);
    saved = await save(form.action, new FormData(form));
  }
  form.removeAttribute("aria-busy");
  if (saved.complaint) return complain(form, saved.complaint);
  if (typed.value === sent) delete form.dataset.typed;
  if (task) showSaved(task, form.dataset.edits ?? "", typed, saved.version, words);
  control(form, "seen_version").value = String(saved.version);
  close(form, form.contains(document.activeElement));
}

/** Theirs it is: the form shows it. @param {HTMLFormElement} form @param {HTMLElement | null} task */
function give(form, task) {
  form.removeAttribute("aria-busy");
  delete form.dataset.typed;
  if (task) edits(form).value = valueOf(task, form.dataset.edits ?? "");
  close(form, true);
}

/**
 * @param {HTMLFormElement} form
 * @param {string} complaint
 */
function complain(form, complaint) {
  const place = form.querySelector(".field-error");
  if (place) place.textContent = complaint;
  if (complaint) edits(form).focus();
}

/**
 * @param {HTMLFormElement} form
 * @param {string} name
 */
function control(form, name) {
  return /** @type {HTMLInputElement} */ (form.elements.namedItem(name));
}

/** @param {HTMLFormElement} form */
function edits(form) {
  return /** @type {HTMLInputElement | HTMLSelectElement} */ (
    form.querySelector("select, input:not([type='hidden'])")
  );
}

/**
 * What the page shows of a field, as a form has it.
 * @param {HTMLElement} task
 * @param {string} field
 */
function valueOf(task, field) {
  const shown = task.querySelector(`[data-field="${field}"]`);
  if (field === "status" || field === "assignee") return task.dataset[field] ?? "";
  if (field === "due") return shown?.querySelector("time")?.dateTime ?? "";
  return field === "labels" && shown ? labelsIn(shown).join(", ") : (shown?.textContent ?? "").trim();
}
