import type { MetadataFilter, MetadataFilters } from '@llamaindex/core/vector-store';
import { TributaryError, type Filter } from '@tributary/schemas';

/** LlamaIndex's filters in the filter language of indexes, which is Pinecone's. */
export function toFilter({ filters, condition = 'and' }: MetadataFilters): Filter | undefined {
  const parts = filters.map(toCondition);
  if (parts.length < 2) return parts[0];
  return condition === 'or' ? { $or: parts } : { $and: parts };
}

function toCondition({ key, value, operator }: MetadataFilter): Filter {
  switch (operator) {
    case '==':
    case 'contains': // a list equals each of its members
      return { [key]: { $eq: value } } as Filter;
    case '!=':
      return { [key]: { $ne: value } } as Filter;
    case '>':
      return { [key]: { $gt: value } } as Filter;
    case '>=':
      return { [key]: { $gte: value } } as Filter;
    case '<':
      return { [key]: { $lt: value } } as Filter;
    case '<=':
      return { [key]: { $lte: value } } as Filter;
    case 'in':
    case 'any':
      return { [key]: { $in: value } } as Filter;
    case 'nin':
      return { [key]: { $nin: value } } as Filter;
    case 'all':
      return { $and: [value ?? []].flat().map((one) => ({ [key]: { $eq: one } })) } as Filter;
    case 'is_empty':
      return { [key]: { $exists: false } };
    default:
      throw new TributaryError('FILTER_INVALID', `indexes cannot filter with '${operator}' (at ${key})`);
  }
}
