// The switches of the preferences page: a category's and those of its services follow each other.

const every = (selector, where = document) => [...where.querySelectorAll(selector)];

const follow = (group, target) => {
  const all = group.querySelector("input[name=category]");
  if (!all) return;
  const each = every("input[name=service]", group);
  if (target === all) for (const box of each) box.checked = all.checked;
  const on = each.filter((box) => box.checked).length;
  all.checked = on === each.length;
  all.indeterminate = on > 0 && on < each.length;
  group.querySelector(".fcc-category-switch small").hidden = !all.indeterminate;
};

// A form whose switches were moved and not saved is not left without a question. What is sent is known by its fields
// being gathered, because nobody behind fcc.js hears of our forms being submitted.
let moved = null;
addEventListener("beforeunload", (event) => {
  if (!moved?.isConnected) return;
  event.preventDefault();
  event.returnValue = true; // Chrome before 119 knows no other way.
});
addEventListener("formdata", ({ target }) => { if (target.closest(".fcc-preferences")) moved = null; }, true);
document.addEventListener("change", ({ target }) => {
  const group = target.closest?.(".fcc-category");
  if (!group) return;
  moved = target.form;
  follow(group, target);
});

// Called whenever such a page is there anew.
export const start = () => every(".fcc-category").forEach((group) => follow(group));

// What stays allowed, of what is, while the choices of a form are saved: a category only with all of its services.
export const left = (form, allowed) => {
  const off = every("input[name=service]:not(:checked)", form);
  const names = off.flatMap((box) => [box.value, box.closest(".fcc-category").id.replace("fcc-", "")]);
  return [...allowed].filter((name) => !names.includes(name));
};
