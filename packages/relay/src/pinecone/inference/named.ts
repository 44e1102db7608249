/** Whether a name means a model: its id, or the last part of it. */
export const isNamed = (id: string, name: string): boolean => name === id || name === id.split('/').at(-1);
