export interface GcStart {
  /** Address to ask; null for the side that answers. */
  readonly address: string | null;
  /** Objects that stay alive, so that full collections must visit them. 1.5 million are about 150 MB. */
  readonly liveObjects: number;
}

export type GcCalls = {
  /** Questions answered per second. */
  ask: [{ milliseconds: number }, number];
};
