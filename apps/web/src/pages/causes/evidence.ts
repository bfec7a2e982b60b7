/** Evidence as lines that a person types: `log: proxy of 12 May | 14 requests`. */

import type { Evidence } from '@forewarn/model/cause';

const kinds = ['finding', 'fact', 'exposure', 'log', 'document', 'statement'] as const;

/** A line without a kind is taken as a statement: nothing that was typed is lost. */
export function readEvidence(text: string): Evidence[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map((line): Evidence => {
      const [, named, rest] = /^(\w+)\s*[:：]\s*(.+)$/.exec(line) ?? [];
      const kind = kinds.find((one) => one === named?.toLowerCase());
      const [reference, ...note] = (kind === undefined ? line : rest!).split('|');
      return { kind: kind ?? 'statement', reference: reference!.trim().slice(0, 300), note: note.join('|').trim().slice(0, 500) };
    })
    .filter(({ reference }) => reference !== '');
}

export const writeEvidence = (evidence: readonly Evidence[]): string =>
  evidence.map(({ kind, reference, note }) => `${kind}: ${reference}${note === '' ? '' : ` | ${note}`}`).join('\n');
