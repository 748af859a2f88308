// Filters apply at once: the address follows them, and the page is read again for it. What is typed stays.

const PAUSE = 350; // milliseconds without another letter

/**
 * @param {HTMLFormElement} form
 * @param {() => void} renew  read the page again
 */
export function applyAtOnce(form, renew) {
  let timer = 0;
  const apply = () => {
    clearTimeout(timer);
    const url = new URL(location.href);
    for (const [name, value] of new FormData(form)) {
      if (value) url.searchParams.set(name, String(value));
      else url.searchParams.delete(name);
    }
    url.searchParams.delete("page");
    if (url.href === location.href) return;
    history.replaceState(history.state, "", url);
    renew();
  };
  form.addEventListener("change", apply);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    apply();
  });
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(apply, PAUSE);
  });
}
