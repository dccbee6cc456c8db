import assert from "node:assert/strict";
import { lineCount } from "../../cartoonx_widgets/widgets/shared/page/python_code.js";

Deno.test("code is shown whole, up to 24 rows", () => {
  assert.equal(lineCount("one\ntwo\n"), 3);
  assert.equal(lineCount("line\n".repeat(100)), 24);
});
