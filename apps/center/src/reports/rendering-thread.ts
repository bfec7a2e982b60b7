/** Turns documents into files in a thread of its own: setting a page takes some tenths of a second, and requests do not wait for it. */

import { parentPort } from 'node:worker_threads';
import type { Document } from '@forewarn/model/document';
import type { Language } from '@forewarn/model/text';
import { htmlDocument } from '@forewarn/share/documents/html';
import { pdfDocument } from '@forewarn/share/documents/pdf';
import { writeDocument } from '@forewarn/share/documents/write';
import { documentTypeface } from './typeface.ts';

export type RenderFormat = 'html' | 'pdf';
export type RenderAsked = {
  n: number;
  document: Document;
  format: RenderFormat;
  language: Language;
  catalogue: ReadonlyMap<string, string>;
};
export type RenderAnswer = { n: number; bytes: Uint8Array } | { n: number; fault: string };

let typeface: ReturnType<typeof documentTypeface> | undefined;

parentPort!.on('message', (asked: RenderAsked) => {
  void render(asked).then(
    (bytes) => parentPort!.postMessage({ n: asked.n, bytes } satisfies RenderAnswer, []),
    (fault: unknown) =>
      parentPort!.postMessage({ n: asked.n, fault: fault instanceof Error ? (fault.stack ?? fault.message) : String(fault) } satisfies RenderAnswer, []), // oxfmt-ignore
  );
});

async function render({ document, format, language, catalogue }: RenderAsked): Promise<Uint8Array> {
  const written = writeDocument(document, { language, catalogue });
  if (format === 'html') return new TextEncoder().encode(htmlDocument(written));
  return pdfDocument(written, (typeface ??= documentTypeface()));
}
