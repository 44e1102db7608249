// Must be the first import of every entry point and worker.
import v8 from 'node:v8';

/** Brings scavenges of short-lived Buffers back on Node 24 (nodejs/node#61967, #63863); `gc.bench.ts` tells when it is not needed any more. */
v8.setFlagsFromString('--scavenger-max-new-space-capacity-mb=8');
