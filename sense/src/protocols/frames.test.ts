import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Frames, type FrameTaker, heldBytesTotalMax } from './frames.ts';

/** Messages of one byte of length, counting itself, of which three bytes are shown and the rest is handed on; 0 is no message. */
class Taker implements FrameTaker {
  seen = '';
  shown = 3;

  frameLength(bytes: Uint8Array, start: number): number {
    return bytes[start] === 0 ? -1 : bytes[start]!;
  }
  frameShown(_bytes: Uint8Array, start: number, end: number, length: number): number {
    return end - start < Math.min(2, length) ? 0 : Math.min(this.shown, length);
  }
  frame(_direction: 0 | 1, bytes: Uint8Array, start: number, end: number, length: number): void {
    this.seen += `[${length}:${[...bytes.subarray(start, end)].join(' ')}]`;
  }
  frameRest(_direction: 0 | 1, bytes: Uint8Array, start: number, end: number): void {
    for (let i = start; i < end; i++) this.seen += `.${bytes[i]}`;
  }
  frameMissing(_direction: 0 | 1, length: number): void {
    this.seen += `-${length}`;
  }
  frameLost(_direction: 0 | 1, gap: boolean): void {
    this.seen += gap ? '?' : '!';
  }
  frameBegins(bytes: Uint8Array, start: number, end: number): boolean {
    return end - start >= 1 && bytes[start] !== 0;
  }
}

const feed = (frames: Frames, taker: Taker, ...pieces: number[][]): string => {
  for (const piece of pieces) frames.feed(taker, 0, Uint8Array.from([99, ...piece, 99]), 1, 1 + piece.length, 1);
  return taker.seen;
};

describe('messages that state their length', () => {
  test('whole, several, and cut anywhere', () => {
    const stream = [5, 1, 2, 3, 4, 1, 2, 9, 4, 6, 7, 8];
    const whole = '[5:5 1 2].3.4[1:1][2:2 9][4:4 6 7].8';
    expect(feed(new Frames(8), new Taker(), stream)).toBe(whole);
    fc.assert(
      fc.property(fc.array(fc.nat(stream.length), { maxLength: 12 }), (places) => {
        const marks = [...new Set([0, ...places, stream.length])].sort((a, b) => a - b);
        const pieces = marks.slice(1).map((mark, i) => stream.slice(marks[i], mark));
        expect(feed(new Frames(8), new Taker(), ...pieces)).toBe(whole);
      }),
    );
  });
  test('what was kept to decide, and is not shown, is handed on', () => {
    class Hesitant extends Taker {
      override frameShown(_bytes: Uint8Array, start: number, end: number, length: number): number {
        return end - start < Math.min(6, length) ? 0 : Math.min(2, length);
      }
    }
    const stream = [8, 1, 2, 3, 4, 5, 6, 7, 3, 8, 9, 1, 7, 1, 2, 3, 4, 5, 6];
    const whole = '[8:8 1].2.3.4.5.6.7[3:3 8].9[1:1][7:7 1].2.3.4.5.6';
    fc.assert(
      fc.property(fc.array(fc.nat(stream.length), { maxLength: 12 }), (places) => {
        const marks = [...new Set([0, ...places, stream.length])].sort((a, b) => a - b);
        const pieces = marks.slice(1).map((mark, i) => stream.slice(marks[i], mark));
        expect(feed(new Frames(16), new Hesitant(), ...pieces)).toBe(whole);
      }),
    );
  });
  test('no more is kept than the ceiling, whatever is asked for', () => {
    const taker = new Taker();
    taker.shown = 200;
    const frames = new Frames(4);
    expect(feed(frames, taker, [7, 1, 2], [3, 4, 5, 6, 1])).toBe('[7:7 1 2 3].4.5.6[1:1]');
    expect(frames.held).toBe(0);
  });
  test('nonsense is told once and reading goes on with a piece that begins with a message', () => {
    expect(feed(new Frames(8), new Taker(), [1, 0, 1], [0, 1], [2, 5])).toBe('[1:1]![2:2 5]');
  });
});

describe('missing bytes', () => {
  test('within what is handed on they are told', () => {
    const [frames, taker] = [new Frames(8), new Taker()];
    feed(frames, taker, [6, 1, 2]);
    frames.gap(taker, 0, 2, 1);
    expect(feed(frames, taker, [5, 1])).toBe('[6:6 1 2]-2.5[1:1]');
  });
  test('across messages the place is lost', () => {
    const [frames, taker] = [new Frames(8), new Taker()];
    feed(frames, taker, [6, 1, 2]);
    frames.gap(taker, 0, 9, 1);
    expect(feed(frames, taker, [0, 5], [2, 1])).toBe('[6:6 1 2]-3?[2:2 1]');
  });
});

test('the place behind a message is known while it is shown', () => {
  const frames = new Frames(8);
  const places: number[] = [];
  const taker = new Taker();
  taker.frame = () => void places.push(frames.next);
  feed(frames, taker, [1, 2, 3], [2, 3, 1]);
  expect(places).toEqual([2, 4, 3, 4]);
});

test('who has stopped is fed nothing', () => {
  const [frames, taker] = [new Frames(8), new Taker()];
  taker.frame = () => frames.stop();
  expect(feed(frames, taker, [1, 1, 1], [1])).toBe('');
});

test('all flows together keep a bounded number of bytes, and give them back', () => {
  const size = 1_000_000;
  const count = Math.ceil(heldBytesTotalMax / size) + 5;
  class Large extends Taker {
    override frameLength(): number {
      return size;
    }
    override frameShown(): number {
      return size;
    }
  }
  const flows = Array.from({ length: count }, () => ({ frames: new Frames(size), taker: new Large() }));
  const part = Uint8Array.from({ length: size - 1 }, () => 7);
  for (const { frames, taker } of flows) frames.feed(taker, 0, part, 0, part.length, 1);
  const lost = flows.filter(({ taker }) => taker.seen === '?').length;
  expect(lost).toBeGreaterThan(0);
  expect(lost).toBeLessThan(10);
  for (const { frames } of flows) frames.stop();
  const again = { frames: new Frames(size), taker: new Large() };
  again.frames.feed(again.taker, 0, part, 0, part.length, 1);
  expect(again.taker.seen).toBe('');
  again.frames.stop();
});
