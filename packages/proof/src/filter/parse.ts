import { TributaryError, filterDepthMax, filterOperatorsMax } from '@tributary/schemas';
import type { FilterNode, FilterValue } from './types.ts';

/** Operators that the filter being parsed may still have. */
interface Budget {
  operators: number;
}

/**
 * Parses a filter in Pinecone's language (docs/spec/query.md) from JSON. Everything outside the language is refused.
 *
 * @throws TributaryError FILTER_INVALID; the message names the field and the operator
 */
export function parseFilter(json: unknown): FilterNode {
  return conditions(json, 'filter', 1, { operators: filterOperatorsMax });
}

function conditions(json: unknown, where: string, depth: number, budget: Budget): FilterNode {
  if (depth > filterDepthMax) throw invalid(where, `is nested deeper than ${filterDepthMax} levels`);
  if (!isObject(json)) throw invalid(where, 'must be an object of conditions');
  return all(
    Object.entries(json).map(([key, value]) => {
      if (key === '$and' || key === '$or') return list(key, value, where, depth, budget, conditions);
      if (key.startsWith('$')) throw invalid(where, `has the unknown operator ${key}; fields may not start with '$'`);
      if (key === '') throw invalid(where, 'has a field with an empty name');
      return ofField(key, value, depth, budget);
    }),
  );
}

function ofField(field: string, json: unknown, depth: number, budget: Budget): FilterNode {
  if (!isObject(json)) return spend(budget, field, { op: 'eq', field, value: scalar(json, field, '$eq') });
  const entries = Object.entries(json);
  if (entries.length === 0) throw invalid(`field '${field}'`, 'has no operator');
  return all(
    entries.map(([operator, value]) => {
      if (operator !== '$and' && operator !== '$or') return spend(budget, field, comparison(field, operator, value));
      return list(operator, value, `field '${field}'`, depth, budget, (part, where, below) => {
        if (below > filterDepthMax) throw invalid(where, `is nested deeper than ${filterDepthMax} levels`);
        return ofField(field, part, below, budget);
      });
    }),
  );
}

function comparison(field: string, operator: string, value: unknown): FilterNode {
  switch (operator) {
    case '$eq':
    case '$ne':
      return { op: operator === '$eq' ? 'eq' : 'ne', field, value: scalar(value, field, operator) };
    case '$gt':
    case '$gte':
    case '$lt':
    case '$lte':
      if (!isNumber(value)) throw invalid(`field '${field}'`, `${operator} needs a number`);
      return { op: operator.slice(1) as 'gt' | 'gte' | 'lt' | 'lte', field, value };
    case '$in':
    case '$nin': {
      if (!Array.isArray(value)) throw invalid(`field '${field}'`, `${operator} needs an array`);
      const values = value.map((item) => scalar(item, field, operator));
      return { op: operator === '$in' ? 'in' : 'nin', field, values };
    }
    case '$exists':
      if (typeof value !== 'boolean') throw invalid(`field '${field}'`, '$exists needs true or false');
      return { op: 'exists', field, value };
    default:
      throw invalid(`field '${field}'`, `has the unknown operator ${operator}`);
  }
}

type Part = (json: unknown, where: string, depth: number, budget: Budget) => FilterNode;

function list(key: '$and' | '$or', json: unknown, where: string, depth: number, budget: Budget, part: Part): FilterNode {
  if (!Array.isArray(json) || json.length === 0) throw invalid(where, `${key} needs an array with at least one condition`);
  const nodes = json.map((item, at) => part(item, `${where} ${key}[${at}]`, depth + 1, budget));
  return spend(budget, where, { op: key === '$and' ? 'and' : 'or', nodes });
}

function spend(budget: Budget, where: string, node: FilterNode): FilterNode {
  budget.operators -= 1;
  if (budget.operators < 0) throw invalid(where, `exceeds ${filterOperatorsMax} operators in one filter`);
  return node;
}

function all(nodes: readonly FilterNode[]): FilterNode {
  const [only] = nodes;
  return nodes.length === 1 && only !== undefined ? only : { op: 'and', nodes };
}

function scalar(value: unknown, field: string, operator: string): FilterValue {
  if (typeof value === 'string' || typeof value === 'boolean' || isNumber(value)) return value;
  throw invalid(
    `field '${field}'`,
    `${operator} needs a string, a number or a boolean${Array.isArray(value) ? '; use $in for lists' : ''}`,
  );
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function invalid(where: string, what: string): TributaryError<'FILTER_INVALID'> {
  return new TributaryError('FILTER_INVALID', `${where} ${what}`);
}
