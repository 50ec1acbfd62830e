// Reads a page again without losing what somebody typed: it is kept in the page's entry of the history, for a moment.

const fields = () => [...document.querySelectorAll("input, textarea, select")].filter((each) => !each.closest("[class^=fcc-]"));
const isUnchanged = (each) =>
  each.options
    ? [...each.options].every(({ selected, defaultSelected }) => selected === defaultSelected)
    : each.value === each.defaultValue && each.checked === each.defaultChecked;

// Passwords and files may be kept nowhere, and rich text belongs to the script that edits it.
const canBeKept = (each, places) => places.includes(each) && !/^(password|file)$/.test(each.type);

// Returns false, and leaves the page as it is, where something typed could not be kept.
export const readAgain = (typed, note) => {
  const places = fields();
  const changed = [...typed].filter((each) => each.isConnected && !(places.includes(each) && isUnchanged(each)));
  if (!changed.every((each) => canBeKept(each, places))) return false;
  const kept = changed.map((each) => ({
    index: places.indexOf(each),
    name: each.name,
    value: each.value,
    checked: each.checked,
    selected: each.options && [...each.options].map((option) => option.selected),
  }));
  history.replaceState({ fcc: { ...note, kept, was: history.state } }, "");
  location.reload();
  return true;
};

export const restore = (kept) => {
  const places = fields();
  for (const { index, name, value, checked, selected } of kept) {
    const each = places[index];
    if (each?.name !== name) continue;
    if (selected) [...each.options].forEach((option, place) => { option.selected = selected[place]; });
    else Object.assign(each, { value, checked });
    each.dispatchEvent(new Event("input", { bubbles: true }));
  }
};
