// A picture that is about to be saved: shown as the server would cut it, and made small before it is sent, so that a
// photo of any size can be chosen. What cannot be read here is sent as it is, and the server says why not.

const SIDE = 512;

/** @param {HTMLFormElement} form  with a field `picture` */
export function previewPicture(form) {
  const field = /** @type {HTMLInputElement} */ (form.elements.namedItem("picture"));
  const place = document.getElementById("picture-shown");
  field.addEventListener("change", async () => {
    place?.querySelector("canvas")?.remove();
    const file = field.files?.[0];
    const canvas = file && (await squareOf(file));
    if (!canvas || file !== field.files?.[0]) return;
    place?.append(canvas);
    const small = await new Promise((done) => canvas.toBlob(done, "image/png"));
    if (!small || file !== field.files?.[0]) return;
    const chosen = new DataTransfer();
    chosen.items.add(new File([small], file.name, { type: "image/png" }));
    field.files = chosen.files;
  });
}

/** @param {File} file @returns {Promise<HTMLCanvasElement | null>} */
async function squareOf(file) {
  const picture = await createImageBitmap(file).catch(() => null);
  if (!picture) return null;
  const side = Math.min(picture.width, picture.height);
  const [left, top] = [(picture.width - side) / 2, (picture.height - side) / 2];
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = Math.min(side, SIDE);
  canvas.setAttribute("role", "img");
  canvas.ariaLabel = "Your new picture, not saved yet";
  canvas.getContext("2d")?.drawImage(picture, left, top, side, side, 0, 0, canvas.width, canvas.height);
  return canvas;
}
