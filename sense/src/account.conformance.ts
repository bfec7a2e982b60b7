/**
 * Every packet of every capture is accounted for: in flows + not IP + undecodable = packets read = what `capinfos -c`
 * counts. Files that are no captures are refused; files that capinfos stops in are read exactly as far.
 */

import { execFile } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Refusal } from '@forewarn/base/refusal';
import { protocols } from './protocols/index.ts';
import { readCapture } from './read.ts';
import { dataRoot, filesBelow, hasData, isCaptureName } from './testing/dataset.ts';

const sum = (counts: { [name: string]: number }): number => Object.values(counts).reduce((a, b) => a + b, 0);

/** Packets by file as capinfos counts them, and the files whose link type it does not know and therefore refuses. */
async function capinfos(files: readonly string[]): Promise<{ packets: Map<string, number>; unknown: Set<string> }> {
  const packets = new Map<string, number>();
  let messages = '';
  for (let i = 0; i < files.length; i += 200) {
    const { stdout, stderr } = await new Promise<{ stdout: string; stderr: string }>((resolve, reject) => {
      execFile('capinfos', ['-T', '-r', '-c', '-M', ...files.slice(i, i + 200)], { maxBuffer: 1 << 28 }, (error, out, err) => {
        // capinfos ends with 1 when one of many files is no capture; it has told of the others all the same.
        if (error && error.code === 'ENOENT') reject(new Error('capinfos is not installed', { cause: error }));
        else resolve({ stdout: out, stderr: err });
      });
    });
    for (const line of stdout.split('\n')) {
      const match = /^(.*)\t(\d+)$/.exec(line);
      if (match) packets.set(match[1]!, Number(match[2]));
    }
    messages += stderr;
  }
  // A damaged file gets no line in the table, but a message that says how far capinfos came.
  for (const match of messages.matchAll(/after reading (\d+) packets from "(.*)"/g)) {
    if (!packets.has(match[2]!)) packets.set(match[2]!, Number(match[1]));
  }
  const unknown = new Set(
    [...messages.matchAll(/The file "(.*)" contains record data that capinfos doesn't support/g)].map((m) => m[1]!),
  );
  return { packets, unknown };
}

describe.skipIf(!hasData)('packet accounting', () => {
  test('equals capinfos on every capture', async () => {
    const files = filesBelow(join(dataRoot, 'net'), isCaptureName);
    expect(files.length).toBeGreaterThan(1000);
    const truth = await capinfos(files);
    const wrong: string[] = [];
    let packets = 0;
    let captures = 0;
    let refused = 0;
    const beyond: string[] = [];
    const undecodable = new Map<string, number>();
    for (const file of files) {
      const name = relative(dataRoot, file);
      const known = truth.packets.get(file);
      try {
        const account = await readCapture(createReadStream(file), { sink: { record: () => {} }, protocols, file });
        captures++;
        packets += account.packets;
        const accounted = account.inFlows + sum(account.notIp) + sum(account.undecodable);
        if (accounted !== account.packets) wrong.push(`${name}: ${accounted} of ${account.packets} accounted for`);
        if (truth.unknown.has(file)) {
          // Where capinfos gives up we read on: the packets of an unknown link type are counted as undecodable.
          beyond.push(name);
          if (known !== undefined) wrong.push(`${name}: capinfos both knows and refuses it`);
        } else if (account.packets !== known) wrong.push(`${name}: ${account.packets} packets, capinfos ${known ?? 'none'}`);
        if (account.faults > 0) wrong.push(`${name}: a parser failed ${account.faults} times`);
        for (const [reason, count] of Object.entries(account.undecodable)) {
          undecodable.set(reason, (undecodable.get(reason) ?? 0) + count);
        }
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        refused++;
        if (known !== undefined) wrong.push(`${name}: refused, capinfos counts ${known}`);
      }
    }
    console.log(`${captures} captures, ${packets} packets, ${refused} refused`);
    console.log(`read although capinfos does not know their link type: ${beyond.join(', ')}`);
    console.log(
      [...undecodable]
        .sort((a, b) => b[1] - a[1])
        .map(([reason, count]) => `${count} ${reason}`)
        .join(', '),
    );
    expect(wrong).toEqual([]);
  });
});

test.skipIf(hasData)('not run: the data set is absent', () => {});
