// What every page does: the bell, and the language switch, which keeps the address (and what was chosen on it).
import { $$ } from "/static/shared/dom.js";
import { wakeBell } from "/static/shared/inbox.js";

wakeBell();

for (const link of $$("a[data-language]")) {
  link.addEventListener("click", (event) => {
    event.preventDefault();
    const url = new URL(window.location.href);
    url.searchParams.set("lang", link.dataset.language);
    window.location.assign(url);
  });
}

// The language is kept in a cookie: in the address it would fight with the next choice.
const here = new URL(window.location.href);
if (here.searchParams.has("lang")) {
  here.searchParams.delete("lang");
  window.history.replaceState(window.history.state, "", here);
}
