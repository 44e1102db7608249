import type { EmbeddingReport } from '@tributary/proof';
import { verdict } from './verdict.ts';

/** The report on a proof file of sold vectors, in lines. */
export function describeEmbeddings(report: EmbeddingReport, file: string, trusting: boolean): string[] {
  const { facts, failed, notProven } = report;
  if (failed || !facts) return [`FAILED  ${failed?.code}`, `        ${failed?.message}`, `        ${file} proves nothing.`];
  const { model, modelDigest, texts, kind, servedAt, charge, unit, provider, payee, receiptHash, fault } = facts;
  return [
    ...verdict(report, trusting),
    `  vectors   of ${texts} texts (${kind}), ${new Date(servedAt).toISOString()}`,
    `  model     ${model}, ${modelDigest}`,
    `  charged   ${charge} ${unit}`,
    `  provider  ${provider}`,
    ...(payee === null ? [] : [`  payee     ${payee}`]),
    `  receipt   ${receiptHash}`,
    ...(fault === null ? [] : describeFault(fault)),
    `  NOT proven: ${notProven.join(', ')}`,
  ];
}

const describeFault = ({ text, cosine }: { text: number; cosine: number }): string[] => [
  `  FAULT     the vector of text ${text} and the one of the accuser have the cosine ${cosine.toFixed(4)}`,
  '            the provider signed its vector; who is right shows the model, when it embeds the text again',
];
