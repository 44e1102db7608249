import type { Metadata, MetadataValue } from '@tributary/schemas';
import { parseFilter } from './parse.ts';
import type { FilterNode } from './types.ts';

export type MetadataTest = (metadata: Readonly<Metadata>) => boolean;

/**
 * Turns a filter into a test of metadata that never throws. `null` and `{}` match everything.
 *
 * @throws TributaryError FILTER_INVALID when the filter is not in the language
 */
export function compileFilter(json: unknown): MetadataTest {
  return json === null ? () => true : filterTest(parseFilter(json));
}

/** A metadata test for a parsed filter. */
export function filterTest(node: FilterNode): MetadataTest {
  switch (node.op) {
    case 'and': {
      const tests = node.nodes.map(filterTest);
      return (metadata) => tests.every((test) => test(metadata));
    }
    case 'or': {
      const tests = node.nodes.map(filterTest);
      return (metadata) => tests.some((test) => test(metadata));
    }
    case 'exists':
      return (metadata) => Object.hasOwn(metadata, node.field) === node.value;
    default: {
      const test = valueTest(node);
      return (metadata) => test(Object.hasOwn(metadata, node.field) ? metadata[node.field] : undefined);
    }
  }
}

type Comparison = Exclude<FilterNode, { op: 'and' | 'or' | 'exists' }>;
type ValueTest = (value: MetadataValue | undefined) => boolean;

function valueTest(node: Comparison): ValueTest {
  switch (node.op) {
    case 'eq':
    case 'ne': {
      const wanted = node.value;
      const is: ValueTest = (value) => (Array.isArray(value) ? value.some((item) => item === wanted) : value === wanted);
      return node.op === 'eq' ? is : (value) => !is(value);
    }
    case 'in':
    case 'nin': {
      const wanted = new Set<unknown>(node.values);
      const isIn: ValueTest = (value) => (Array.isArray(value) ? value.some((item) => wanted.has(item)) : wanted.has(value));
      return node.op === 'in' ? isIn : (value) => !isIn(value);
    }
    case 'gt':
      return (value) => typeof value === 'number' && value > node.value;
    case 'gte':
      return (value) => typeof value === 'number' && value >= node.value;
    case 'lt':
      return (value) => typeof value === 'number' && value < node.value;
    case 'lte':
      return (value) => typeof value === 'number' && value <= node.value;
  }
}
