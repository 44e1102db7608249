import { fileURLToPath } from 'node:url';

/** The embedding model in the checkout. */
export const shippedModel: string = fileURLToPath(new URL('../../models/bge-small-en-v1.5', import.meta.url));
/** Data outside the checkout. Benchmarks that need it are skipped without it. */
export const sharedData: string = fileURLToPath(new URL('../../../shared/data', import.meta.url));
