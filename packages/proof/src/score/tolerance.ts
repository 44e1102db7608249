/**
 * Relative tolerance for float64 sums over at most 20,000 products, far below any difference that matters in a ranking.
 */
export const SUM_TOLERANCE = 2 ** -36;
/** Highest tolerance of a sum, as a share of 1 + its magnitude. */
export const CAP = 1e-9;
