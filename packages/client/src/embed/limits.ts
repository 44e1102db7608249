/** Longest time of one request for embeddings, in ms. Below the providers' `deadlineMaxMs`, because clocks differ. */
export const embedTimeoutMs = 45_000;
/** Share of answers of which one vector is computed again; the first answer of a provider always is. */
export const embedSampleRate = 0.125;
/** Bytes of a request besides its texts. */
export const embedFrameBytes = 512;
