/** Numbers written as decimals in one turn of the event loop. */
export const decimalsPerTurn = 8_192;
