// The comparison as a widget.

import { showComparison } from "./comparison.js";

const render = ({ model, el }) => showComparison(el, model);

export default { render };
