import type { SimDisk } from './disk.ts';

/** A bug put in on purpose, around the product's parts, to show that the simulation finds it. */
export interface Plant {
  /** Another disk in the place of a machine's. */
  disk?(disk: SimDisk, name: string): SimDisk;
}
