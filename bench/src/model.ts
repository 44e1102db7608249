import { fileURLToPath } from 'node:url';

/** The embedding model that the checkout brings along. */
export const shippedModel: string = fileURLToPath(new URL('../../models/bge-small-en-v1.5', import.meta.url));
/** Data that is not part of the checkout; benchmarks that need it are skipped where it is missing. */
export const sharedData: string = fileURLToPath(new URL('../../../shared/data', import.meta.url));
