// On every page: the browser's zone for the server, shortcuts, copying, menus that close.

const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
const remembered = document.cookie.split("; ").find((cookie) => cookie.startsWith("browser_zone="));
if (zone && remembered !== `browser_zone=${zone}`) {
  document.cookie = `browser_zone=${zone}; path=/; max-age=31536000; samesite=lax`;
  // Times on the page were made without it; the sign-in page has none. A secret would be lost.
  if (document.querySelector("time, [data-zone]") && !document.querySelector("[data-shown-once]")) location.reload();
}

document.addEventListener("click", async (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const source = document.getElementById(button.dataset.copy);
  const said = button.textContent;
  await copy(source.value ?? source.textContent);
  button.textContent = "Copied";
  setTimeout(() => { button.textContent = said; }, 1500);
});

// What takes a while says so, and is pressed once.
document.addEventListener("submit", (event) => {
  const button = event.submitter?.closest("[data-busy]");
  if (!button) return;
  button.closest("[data-live]")?.removeAttribute("data-live");
  button.textContent = button.dataset.busy;
  button.disabled = true;
});

// What is chosen on the page stands in its address.
document.addEventListener("change", ({ target }) => {
  if (!target.matches("[data-address]")) return;
  const address = new URL(location.href);
  address.searchParams.set(target.name, target.value);
  history.replaceState(null, "", address);
});

async function copy(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const area = document.createElement("textarea"); // plain http has no clipboard
  area.value = text;
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
}

// A form with a preview shows what becomes of it, while it is filled in.
document.addEventListener("input", ({ target: { form } }) => {
  if (!form?.dataset.preview) return;
  const asked = () => fetch(`${form.dataset.preview}?${new URLSearchParams(new FormData(form))}`);
  const show = (html) => { document.getElementById("preview").outerHTML = html; };
  clearTimeout(form.later);
  form.later = setTimeout(() => asked().then((answer) => answer.ok && answer.text().then(show)), 300);
});

const rows = () => [...document.querySelectorAll("[data-row]")];

function step(by) {
  const all = rows();
  const at = all.indexOf(document.activeElement);
  const next = at < 0 ? (by > 0 ? 0 : all.length - 1) : at + by;
  all[Math.max(0, Math.min(next, all.length - 1))]?.focus();
}

const shortcuts = {
  "/": () => document.querySelector("[data-search]")?.focus(),
  j: () => step(1),
  k: () => step(-1),
  p: () => document.querySelector("main a[rel=prev]")?.click(),
  n: () => document.querySelector("main a[rel=next]")?.click(),
  "?": () => document.getElementById("shortcuts").showModal(),
};

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") document.querySelectorAll("details.menu[open]").forEach((menu) => { menu.open = false; });
  const typing = event.target.closest("input, textarea, select, dialog, [contenteditable]");
  if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (document.documentElement.dataset.shortcuts === "off" || !(event.key in shortcuts)) return;
  event.preventDefault();
  shortcuts[event.key]();
});

for (const element of document.querySelectorAll("[data-with-script]")) element.hidden = false;
