/** Reading files of vulnerabilities, in a thread of its own where it takes long. */

import { Worker } from 'node:worker_threads';
import { Refusal, type Place } from '@forewarn/base/refusal';
import { readVulnerabilityFile, type VulnerabilityFile } from '@forewarn/know/exposure/file';

/** Files up to this length are read here, within some ten milliseconds; a catalogue of CISA's takes a hundred, in which nobody else would be answered. */
const hereMax = 500_000;

type ToldRefusal = { code: string; message: string; place: Place; advice: string };
export type ReadFile = Omit<VulnerabilityFile, 'refusals'> & { refusals: ToldRefusal[] };
export type Reading = { text: string; name: string };
type Told = { read: ReadFile } | { refusal: ToldRefusal };

/** A refusal loses its class on the way between threads. */
const told = ({ code, message, place, advice }: Refusal): ToldRefusal => ({ code, message, place, advice });

export function readHere({ text, name }: Reading): Told {
  try {
    const read = readVulnerabilityFile(text, name);
    return { read: { ...read, refusals: read.refusals.map(told) } };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { refusal: told(error) };
  }
}

/** Throws the refusals of `readVulnerabilityFile`. */
export async function readVulnerabilities(reading: Reading): Promise<ReadFile> {
  const answer = reading.text.length <= hereMax ? readHere(reading) : await inThread(reading);
  if ('read' in answer) return answer.read;
  const { code, message, place, advice } = answer.refusal;
  throw new Refusal(code, message, { place, advice });
}

function inThread(reading: Reading): Promise<Told> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('reading-thread.ts', import.meta.url), { workerData: reading });
    worker.on('message', resolve);
    worker.on('error', reject);
    worker.on('exit', (code) =>
      reject(new Error(`The thread that reads vulnerabilities ended with ${code} and without an answer.`)),
    );
    worker.unref();
  });
}
