// A button beside every text that is shown cut ([data-copy]), which takes the whole of it along.

const SAID = 1_500; // milliseconds

for (const text of document.querySelectorAll("[data-copy]")) {
  const button = document.createElement("button");
  Object.assign(button, { type: "button", className: "copy", textContent: "Copy" });
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(text.textContent ?? "");
      button.textContent = "Copied";
    } catch {
      getSelection()?.selectAllChildren(text); // without the clipboard, for the keys that copy
      button.textContent = "Selected";
    }
    setTimeout(() => (button.textContent = "Copy"), SAID);
  });
  text.after(" ", button);
}
