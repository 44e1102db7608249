export interface PublishPreview {
  index: string;
  card: Record<string, unknown>;
  price: string;
  rules: string[];
  leak: string[];
}

/** What becomes public, what the rules decide and what can leak, as lines. */
export function describePublication({ index, card, price, rules, leak }: PublishPreview): string[] {
  return [
    `Publishing ${index} makes this public:`,
    ...Object.entries(card).map(([name, value]) => `  ${name.padEnd(12)} ${String(value)}`),
    `  ${'price'.padEnd(12)} ${price}`,
    'What your rules decide:',
    ...rules.map((line) => `  - ${line}`),
    'What clients can learn:',
    ...leak.map((line) => `  - ${line}`),
  ];
}
