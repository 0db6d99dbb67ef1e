// Keeps `[data-live]` parts of a page fresh: the page is fetched again and they are exchanged.
// Where a part of the "whole-page" is gone, the page has become another one and is loaded anew.

const main = document.querySelector("[data-refresh]");
const button = document.querySelector("[data-pause]");
let paused = new URL(location.href).searchParams.get("live") === "off";

async function refresh() {
  const answer = await fetch(location.href, { headers: { "X-Refresh": "1" }, redirect: "error" });
  if (!answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const part of document.querySelectorAll("[data-live]")) {
    const newer = fresh.getElementById(part.id);
    if (!newer && part.dataset.live === "whole-page") return location.reload();
    // What somebody is in the middle of stays as it is.
    if (!newer || newer.isEqualNode(part) || part.contains(document.activeElement)) continue;
    part.replaceWith(newer);
  }
  main.dataset.refresh = fresh.querySelector("[data-refresh]")?.dataset.refresh ?? main.dataset.refresh;
  document.dispatchEvent(new Event("refreshed"));
}

async function tick() {
  if (!paused && document.visibilityState === "visible") {
    await refresh().catch(() => {}); // the server may be away for a moment
  }
  setTimeout(tick, main.dataset.refresh * 1000);
}

function say() {
  if (!button) return;
  button.setAttribute("aria-pressed", String(!paused));
  button.textContent = paused ? "Paused" : "Live";
}

button?.addEventListener("click", () => {
  paused = !paused;
  const address = new URL(location.href);
  if (paused) address.searchParams.set("live", "off");
  else address.searchParams.delete("live");
  history.replaceState(null, "", address);
  say();
});

if (main) {
  say();
  setTimeout(tick, main.dataset.refresh * 1000);
}
