// The replay as a page that needs neither kernel nor network.

import { usePlotly } from "../../shared/page/plotly.js";
import { fill, held } from "../../shared/page/standalone.js";
import { showFilm } from "./player.js";

usePlotly(document.getElementById("plotly").textContent);
fill((place) => showFilm(place, held("film"), held("texts")));
