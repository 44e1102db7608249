// Must be the first import of every entry point and worker. It is an entry of its own in package.json, so that no other
// import loads it implicitly.
import v8 from 'node:v8';

/**
 * Node 24 frees short-lived Buffers by full collections instead of scavenges (nodejs/node#61967, #63863), which costs a
 * relay two thirds of its speed or more. A bounded young generation, in mebibytes, brings the scavenges back.
 * `bench/src/gc/gc.bench.ts` shows when this is not needed any more.
 */
v8.setFlagsFromString('--scavenger-max-new-space-capacity-mb=8');

/**
 * V8 13.6 ends the whole process ("Check failed: jit_page.has_value()") when threads that use WebAssembly replace, at
 * the same time, the code by which it calls JavaScript: in `Runtime_TierUpWasmToJSWrapper` (nodejs/node#64500 has more
 * of the kind). With this many calls to go nobody replaces it. Calls are few here: the graph's kernel makes none.
 */
v8.setFlagsFromString('--wasm-wrapper-tiering-budget=2147483647');
