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
  /** The same measure of the baseline; null when the row has none. */
  readonly baseline: number | null;
  readonly unit: string;
  /** Our value as a share of the baseline, so that larger is better; null without a baseline. */
  readonly ratio: number | null;
  /** The target in words, and whether it is met; null for a row without a target. */
  readonly aim: { readonly text: string; readonly met: boolean } | null;
}

export interface Report {
  readonly rows: readonly Row[];
  /** Sizes and settings that a reader needs to compare figures. */
  readonly notes: readonly string[];
  /** Why nothing was measured. */
  readonly skipped?: string;
}

/** One benchmark. Figures are reported from `full`; `smoke` only shows that it runs. */
export interface Bench<Sizes> {
  readonly name: string;
  readonly summary: string;
  /** True: it runs when it is named, not with all others. */
  readonly onlyByName?: true;
  readonly full: Sizes;
  readonly smoke: Sizes;
  run(sizes: Sizes, context: BenchContext): Promise<Report>;
}
