export { readCollection, readQuestions } from './eval/collections.ts';
export type { Collection } from './eval/collections.ts';
export { evaluate } from './eval/evaluate.ts';
export type { EvaluateOptions, EvaluateProgress, Evaluation, ModeQuality } from './eval/evaluate.ts';
