// Must be the first import of every entry point and worker. It is an entry of its own in package.json, so that no other
// import loads it implicitly.
import v8 from 'node:v8';

/**
 * Node 24 frees short-lived Buffers by full collections instead of scavenges (nodejs/node#61967, #63863), which costs a
 * relay two thirds of its speed or more. A bounded young generation, in mebibytes, brings the scavenges back.
 * `bench/src/gc/gc.bench.ts` shows when this is not needed any more.
 */
v8.setFlagsFromString('--scavenger-max-new-space-capacity-mb=8');
