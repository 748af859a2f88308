// The slider over an organization's log, where its list or board is shown as it was: the page follows it.

const PAUSE = 300; // milliseconds without another step, as with an arrow key held down

/** @param {() => void} renew  read the page again */
export function followSlider(renew) {
  let timer = 0;
  document.addEventListener("change", ({ target }) => {
    if (!(target instanceof HTMLInputElement) || target.id !== "log-position") return;
    clearTimeout(timer);
    timer = setTimeout(() => {
      const url = new URL(location.href);
      for (const name of ["at", "page"]) url.searchParams.delete(name);
      url.searchParams.set("position", target.value);
      history.replaceState(history.state, "", url);
      renew();
    }, PAUSE);
  });
}
