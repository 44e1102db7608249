export interface GcStart {
  /** Address to ask at; null for the side that answers. */
  readonly address: string | null;
}

export type GcCalls = {
  /** Questions answered per second. */
  ask: [{ milliseconds: number }, number];
};
