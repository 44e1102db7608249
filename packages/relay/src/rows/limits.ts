/** Most jobs of one kind that run at the same time. */
export const jobsAtOnceMax = 4;
/** Pause before a job is tried again for which the index was busy, in milliseconds. */
export const jobRetryMs = 1_000;
