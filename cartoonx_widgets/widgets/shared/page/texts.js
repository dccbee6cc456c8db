// What the reader reads, in the reader's language.

/**
 * A function that translates a text to the reader's language: `t("step {step} of {steps}", { step: 3, steps: 9 })`.
 * The English text is the key of `texts`; one that has no translation is shown in English.
 * @param {Record<string, string>} texts
 * @returns {import("./types.d.ts").Translator}
 */
export function translator(texts) {
  return (english, values = {}) => {
    const text = texts[english] ?? english;
    return text.replace(
      /\{(\w+)\}/g,
      (whole, name) => (name in values ? String(/** @type {any} */ (values)[name]) : whole),
    );
  };
}

/**
 * Marks an English text that reaches `t` by way of a table; the test of the translations finds it by this name.
 * @param {string} english
 */
export const phrase = (english) => english;
