// Shows the faults of a refusal: each one next to its field, and all together above the form.
import type { Fault } from "@passerelle/client";

export function clearFaults(form: HTMLFormElement): void {
  form.querySelectorAll(".fault").forEach((one) => one.remove());
  form.querySelectorAll("[aria-invalid]").forEach((one) => {
    one.removeAttribute("aria-invalid");
    one.removeAttribute("aria-describedby");
  });
  form.querySelector(".faults")!.replaceChildren();
}

export function showFaults(form: HTMLFormElement, faults: readonly Fault[], detail: string): void {
  const summary = form.querySelector<HTMLElement>(".faults")!;
  const items = faults.map(({ pointer, message }, number) => {
    const item = document.createElement("li");
    const field = fieldOf(form, pointer);
    if (!field) {
      item.textContent = message;
      return item;
    }
    const label = field.closest("label")!;
    const link = document.createElement("a");
    field.id ||= `${form.id}-${number}`;
    link.href = `#${field.id}`;
    link.textContent = `${label.firstChild!.textContent!.trim()} : ${message}`;
    item.append(link);
    const said = document.createElement("span");
    Object.assign(said, { id: `${field.id}-fault`, className: "fault", textContent: message });
    label.after(said);
    field.setAttribute("aria-invalid", "true");
    field.setAttribute("aria-describedby", said.id);
    return item;
  });
  const list = document.createElement("ul");
  list.append(...items);
  summary.append(detail, ...(items.length > 0 ? [list] : []));
  summary.focus();
}

// A fault of a list (`/needs`) is one of its first field (`/needs/0`).
function fieldOf(form: HTMLFormElement, pointer: string): HTMLInputElement | HTMLSelectElement | undefined {
  const named = (name: string) => form.elements.namedItem(name);
  const field = named(pointer) ?? named(`${pointer}/0`);
  return field instanceof HTMLInputElement || field instanceof HTMLSelectElement ? field : undefined;
}
