// Follows a plan run: asks for its figures until it is over, then shows the whole page again.

const EVERY_MS = 1500;
const MOST_FAILURES = 40;
const place = document.getElementById("plan-run");
let failures = 0;

async function look() {
  try {
    const answer = await fetch(place.dataset.progress, { headers: { Accept: "text/html" } });
    if (answer.redirected || answer.status === 403 || answer.status === 404) {
      location.reload();
      return;
    }
    if (!answer.ok) throw new Error(String(answer.status));
    const text = await answer.text();
    failures = 0;
    place.innerHTML = text;
    if (place.querySelector("[data-over]")) {
      location.reload();
      return;
    }
  } catch {
    failures += 1; // the server may be away for a moment
  }
  if (failures < MOST_FAILURES) setTimeout(look, EVERY_MS);
}

setTimeout(look, EVERY_MS);
