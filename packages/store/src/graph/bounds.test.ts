import type { Metric } from '@tributary/schemas';
import { describe, expect, it } from 'vitest';
import { clustered, seeded } from '../vectors/vector-index.suite.ts';
import { boundsOf } from './bounds.ts';
import { createGraph, queryOf } from './graph.ts';
import { setVector, takeNode } from './node-memory.ts';
import { distanceTo } from './search-layer.ts';

const normOf = (vector: Float32Array): number => Math.sqrt(vector.reduce((sum, component) => sum + component * component, 0));

function keyOf(metric: Metric, a: Float32Array, b: Float32Array): number {
  let dot = 0;
  let square = 0;
  for (let at = 0; at < a.length; at += 1) {
    dot += a[at]! * b[at]!;
    square += (a[at]! - b[at]!) ** 2;
  }
  return metric === 'euclidean' ? -square : metric === 'cosine' ? dot / (normOf(a) * normOf(b)) : dot;
}

describe('bounds of keys by 8-bit numbers', () => {
  it.each<Metric>(['cosine', 'dotproduct', 'euclidean'])('hold the exact key by %s', (metric) => {
    const random = seeded(5);
    const graph = createGraph(40, metric, { M: 16, efConstruction: 100, efSearch: 64, scanned: 0 });
    const vectors = [
      ...clustered(random, 300, 40, 5),
      new Float32Array(40).fill(1e-3),
      Float32Array.from({ length: 40 }, (_, at) => 10 ** (at / 5)),
    ];
    const nodes = vectors.map((vector, slot) => {
      const node = takeNode(graph.nodes, slot, 0, true);
      setVector(graph.nodes, node, vector, 0, normOf(vector));
      return node;
    });
    let widest = 0;
    for (const vector of vectors.slice(-40)) {
      const query = queryOf(graph, vector, normOf(vector));
      for (const [slot, node] of nodes.entries()) {
        const { key, error } = boundsOf(graph, query, node, distanceTo(graph, query, node), normOf(vectors[slot]!));
        expect(Math.abs(key - keyOf(metric, vector, vectors[slot]!))).toBeLessThanOrEqual(error);
        if (slot < 300) widest = Math.max(widest, error / (metric === 'cosine' ? 1 : normOf(vectors[slot]!) ** 2));
      }
    }
    expect(widest).toBeGreaterThan(0);
    if (metric === 'cosine') expect(widest).toBeLessThan(0.3);
  });
});
