export interface GcStart {
  /** Address to ask at; null for the side that answers. */
  readonly address: string | null;
  /** Objects that stay alive for full collections to walk; 1.5 million are about 150 MB. */
  readonly liveObjects: number;
}

export type GcCalls = {
  /** Questions answered per second. */
  ask: [{ milliseconds: number }, number];
};
