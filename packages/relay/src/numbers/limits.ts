/** Numbers written as decimals in one go; the event loop runs in between. */
export const decimalsPerTurn = 8_192;
