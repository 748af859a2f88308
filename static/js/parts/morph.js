// Makes an element into another without replacing it: the focus, an open menu and the hand of the reader stay on it.

/**
 * @param {Element} old
 * @param {Element} fresh
 */
export function morph(old, fresh) {
  for (const { name } of [...old.attributes]) if (!fresh.hasAttribute(name)) old.removeAttribute(name);
  for (const { name, value } of fresh.attributes) if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  const children = [...old.childNodes];
  [...fresh.childNodes].forEach((child, i) => become(old, children[i], child));
  children.slice(fresh.childNodes.length).forEach((child) => child.remove());
}

/**
 * @param {Element} parent
 * @param {ChildNode | undefined} old
 * @param {ChildNode} fresh
 */
function become(parent, old, fresh) {
  if (!old) parent.append(document.importNode(fresh, true));
  else if (old instanceof Element && fresh instanceof Element && old.tagName === fresh.tagName) morph(old, fresh);
  else if (old.nodeType === Node.TEXT_NODE && fresh.nodeType === Node.TEXT_NODE) {
    if (old.nodeValue !== fresh.nodeValue) old.nodeValue = fresh.nodeValue;
  } else old.replaceWith(document.importNode(fresh, true));
}
