import { growFloat64, growUint32 } from '../slots/grow.ts';

/** A binary heap of nodes with the smallest key on top, in arrays that are reused. */
export interface Heap {
  length: number;
  nodes: Uint32Array;
  keys: Float64Array;
}

export const createHeap = (): Heap => ({ length: 0, nodes: new Uint32Array(256), keys: new Float64Array(256) });

export function push(heap: Heap, node: number, key: number): void {
  heap.nodes = growUint32(heap.nodes, heap.length);
  heap.keys = growFloat64(heap.keys, heap.length);
  const { nodes, keys } = heap;
  let at = heap.length;
  heap.length += 1;
  while (at > 0) {
    const parent = (at - 1) >>> 1;
    if (keys[parent]! <= key) break;
    keys[at] = keys[parent]!;
    nodes[at] = nodes[parent]!;
    at = parent;
  }
  keys[at] = key;
  nodes[at] = node;
}

/** Removes the node on top. The heap must not be empty. */
export function pop(heap: Heap): void {
  const { nodes, keys } = heap;
  heap.length -= 1;
  const length = heap.length;
  const key = keys[length]!;
  const node = nodes[length]!;
  let at = 0;
  for (let child = 1; child < length; child = 2 * at + 1) {
    if (child + 1 < length && keys[child + 1]! < keys[child]!) child += 1;
    if (keys[child]! >= key) break;
    keys[at] = keys[child]!;
    nodes[at] = nodes[child]!;
    at = child;
  }
  keys[at] = key;
  nodes[at] = node;
}
