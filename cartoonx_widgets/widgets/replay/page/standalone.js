// The replay as a page that needs neither kernel nor network.

import { replayRegion, showRecording } from "./player.js";
import { lifetime } from "../../shared/page/lifetime.js";
import { fill, held, readPlotly } from "../../shared/page/standalone.js";
import { translator } from "../../shared/page/texts.js";

readPlotly();
fill((element) => {
  const t = translator(held("texts"));
  const root = replayRegion(t);
  element.append(root);
  return showRecording(root, held("content"), t, { signal: lifetime().signal, failed: reportError });
});
