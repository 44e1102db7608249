/** Share of the dense part where the model knows the question's language (docs/decisions/0027). */
const KNOWN_LANGUAGE_WEIGHT = 0.6;
/** Share where it does not: the words decide, and closeness orders what they leave equal. */
const UNKNOWN_LANGUAGE_WEIGHT = 0.01;

/**
 * Share of the dense part that suits a question to a model of these languages; the asker's choice, signed with the question.
 *
 * @param languages of the model's card; when it names none, nothing speaks against the model
 */
export function denseWeightOf(text: string, languages: readonly string[]): number {
  if (languages.length === 0) return KNOWN_LANGUAGE_WEIGHT;
  return isInScriptOf(text, languages) ? KNOWN_LANGUAGE_WEIGHT : UNKNOWN_LANGUAGE_WEIGHT;
}

function isInScriptOf(text: string, _languages: readonly string[]): boolean {
  return !/[\p{Script=Han}\p{Script=Thai}\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Arabic}\p{Script=Devanagari}]{2}/u.test(
    text,
  );
}
