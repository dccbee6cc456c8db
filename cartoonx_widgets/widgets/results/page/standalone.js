// The results of a study as a page that needs neither kernel nor network.

import { usePlotly } from "../../shared/page/plotly.js";
import { fill, held } from "../../shared/page/standalone.js";
import { showResults } from "./results.js";

usePlotly(document.getElementById("plotly").textContent);

// A browser may refuse to change a file's address: then choices last as long as the page.
function keep(text) {
  try {
    history.replaceState(history.state, "", `#${text}`);
  } catch {
    // refused
  }
}

fill((place) => {
  place.replaceChildren();
  return showResults(place, held("content"), held("texts"), {
    choices: location.hash.slice(1),
    chosen: keep,
    live: true,
  });
});
