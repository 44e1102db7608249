import { z } from 'zod';
import { ParamError } from './param-error.ts';

/** A part of a list. */
export interface Page<Item> {
  items: Item[];
  more: boolean;
}

/** An item of a list in the order of creation. */
interface Listed {
  id: string;
  created: number;
}

/** Query parameters of OpenAI's lists. */
export const pageQuery = (limitMax: number, usual = limitMax) =>
  z.strictObject({
    limit: z
      .string()
      .regex(/^\d{1,6}$/, `must be a number from 1 to ${limitMax}`)
      .transform(Number)
      .refine((limit) => limit >= 1 && limit <= limitMax, `must be a number from 1 to ${limitMax}`)
      .default(usual),
    order: z.enum(['asc', 'desc']).default('desc'),
    after: z.string().max(128).optional(),
    before: z.string().max(128).optional(),
  });
export type PageQuery = z.output<ReturnType<typeof pageQuery>>;

/** @throws ParamError INPUT_SHAPE for a cursor that is not in the list */
export function pageOf<Item extends Listed>(all: readonly Item[], { limit, order, after, before }: PageQuery): Page<Item> {
  const sign = order === 'asc' ? 1 : -1;
  const sorted = all.toSorted((a, b) => sign * (a.created - b.created || (a.id < b.id ? -1 : 1)));
  const placeOf = (param: 'after' | 'before', id: string): number => {
    const at = sorted.findIndex((item) => item.id === id);
    if (at < 0) throw new ParamError(param, `${param}: ${id} is not in this list`);
    return at;
  };
  const from = after === undefined ? 0 : placeOf('after', after) + 1;
  const to = before === undefined ? sorted.length : placeOf('before', before);
  // `before` alone requests the items just before it.
  const items =
    after === undefined && before !== undefined
      ? sorted.slice(Math.max(0, to - limit), to)
      : sorted.slice(from, to).slice(0, limit);
  const more = after === undefined && before !== undefined ? to > limit : to - from > limit;
  return { items, more };
}

/** A list in the form in which OpenAI's clients page through it. */
export const toList = <Item, Shown extends { id: string }>({ items, more }: Page<Item>, show: (item: Item) => Shown) => {
  const data = items.map(show);
  return { object: 'list', data, first_id: data[0]?.id ?? null, last_id: data.at(-1)?.id ?? null, has_more: more };
};
