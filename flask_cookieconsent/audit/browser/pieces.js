// Measures the two answers in the pieces of ours that have them: what differs between them, and what hides one.
() => {
  const shown = ["color", "background-color", "background-image", "border-color", "border-style", "border-width",
    "border-radius", "font-size", "font-weight", "font-style", "font-family", "text-decoration-line", "text-transform",
    "letter-spacing", "opacity", "filter", "box-shadow", "padding", "cursor"];
  // Words of different length make buttons of different width, but no more than this.
  const wide = 1.5, pixels = 2;
  const found = [];
  document.activeElement?.blur?.();
  for (const [piece, where] of [["banner", ".fcc-banner"], ["preferences", ".fcc-preferences"]]) {
    const room = document.querySelector(where);
    if (!room) continue;
    const [accept, reject] = ["accept", "reject"].map((value) => room.querySelector(`button[name=choice][value=${value}]`));
    if (!accept || !reject) continue;
    const say = (what, text) => found.push({ piece, what, text });
    for (const [name, button] of [["Accept", accept], ["Reject", reject]]) {
      const { left, right, top, bottom, width, height } = button.getBoundingClientRect();
      const isThere = button.checkVisibility({ opacityProperty: true, visibilityProperty: true }) && width && height;
      if (!isThere) say("visibility", `${name} is not visible`);
      else if (piece === "banner" && (left < -1 || top < -1 || right > innerWidth + 1 || bottom > innerHeight + 1))
        say("place", `${name} is not wholly on the screen when the page opens`);
      else if (piece === "banner") {
        const over = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
        if (over && over !== button && !button.contains(over)) say("place", `${name} is covered by <${over.localName}>`);
      }
    }
    const [one, other] = [accept, reject].map((button) => getComputedStyle(button));
    for (const name of shown) {
      const [a, b] = [one.getPropertyValue(name), other.getPropertyValue(name)];
      if (a !== b) say(name, `${name} of Accept is ${a} and of Reject ${b}`);
    }
    const [a, b] = [accept, reject].map((button) => button.getBoundingClientRect());
    if (Math.abs(a.height - b.height) > pixels) say("height", `Accept is ${Math.round(a.height)} pixels high and Reject ${Math.round(b.height)}`);
    if (Math.max(a.width, b.width) > wide * Math.min(a.width, b.width))
      say("width", `Accept is ${Math.round(a.width)} pixels wide and Reject ${Math.round(b.width)}`);
  }
  return found;
}
