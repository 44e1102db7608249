export { buildPage } from './build.ts';
export type { Page } from './build.ts';
