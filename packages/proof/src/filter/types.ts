/** A value that a filter compares with. */
export type FilterValue = string | number | boolean;

/**
 * A filter as a tree of plain conditions: what `parseFilter` returns and a store plans with. An empty `and` matches
 * everything.
 */
export type FilterNode =
  | { readonly op: 'and' | 'or'; readonly nodes: readonly FilterNode[] }
  | { readonly op: 'eq' | 'ne'; readonly field: string; readonly value: FilterValue }
  | { readonly op: 'gt' | 'gte' | 'lt' | 'lte'; readonly field: string; readonly value: number }
  | { readonly op: 'in' | 'nin'; readonly field: string; readonly values: readonly FilterValue[] }
  | { readonly op: 'exists'; readonly field: string; readonly value: boolean };
