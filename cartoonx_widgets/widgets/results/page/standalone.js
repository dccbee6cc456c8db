// The results of a study as a page that needs neither kernel nor network.

import { resultsRegion, showResults } from "./results.js";
import { lifetime } from "../../shared/page/lifetime.js";
import { fill, held, readPlotly } from "../../shared/page/standalone.js";
import { translator } from "../../shared/page/texts.js";

// A browser may refuse to change a file's address: then choices last as long as the page.
/** @param {string} text */
function keep(text) {
  try {
    history.replaceState(history.state, "", `#${text}`);
  } catch {
    // refused
  }
}

fill((element) => {
  const t = translator(held("texts"));
  const root = resultsRegion(t);
  element.append(root);
  const { signal } = lifetime();
  showResults(root, held("content"), t, { signal, choices: location.hash.slice(1), changed: keep, live: true });
});
readPlotly();
