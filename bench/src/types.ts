/** What a benchmark may use. */
export interface BenchContext {
  /** Empty folder that is removed afterwards. */
  readonly folder: string;
  /** Options of Node for the processes of the benchmark, such as those that write a profile. */
  readonly nodeOptions: readonly string[];
  /** One line for people, on standard error. */
  progress(line: string): void;
}

/** One line of the table. */
export interface Row {
  readonly what: string;
  readonly ours: number;
  /** Same measure of the plain thing that ours is compared with; null when the row has none. */
  readonly baseline: number | null;
  readonly unit: string;
  /** Ours as a share of the baseline, so that larger is better; null without a baseline. */
  readonly ratio: number | null;
  /** What was aimed at, in words, and whether it is met; null where a row is for information. */
  readonly aim: { readonly text: string; readonly met: boolean } | null;
}

export interface Report {
  readonly rows: readonly Row[];
  /** Sizes and settings that a reader needs to compare figures. */
  readonly notes: readonly string[];
  /** Why nothing was measured. */
  readonly skipped?: string;
}

/** One benchmark. `full` is what figures are reported from; `smoke` only shows that it runs. */
export interface Bench<Sizes> {
  readonly name: string;
  readonly summary: string;
  readonly full: Sizes;
  readonly smoke: Sizes;
  run(sizes: Sizes, context: BenchContext): Promise<Report>;
}
