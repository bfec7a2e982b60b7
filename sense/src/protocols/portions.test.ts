import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Portions, type PortionTaker } from './portions.ts';
import { withoutSecrets } from './statement.ts';

/** Asks in turn for two bytes, a line of at most five, and passes over three. */
function taken(bytes: Uint8Array, places: readonly number[]): string[] {
  const found: string[] = [];
  const side = new Portions(2);
  const taker: PortionTaker = {
    portion(_direction, piece, start, end) {
      found.push(Buffer.from(piece.subarray(start, end)).toString('latin1'));
      if (found.length % 2 === 1) side.wantLine(5);
      else {
        side.want(2);
        side.skip = 3;
      }
    },
  };
  const marks = [...new Set([0, ...places.map((place) => place % (bytes.length + 1)), bytes.length])].sort((a, b) => a - b);
  for (let i = 1; i < marks.length; i++) side.feed(taker, 0, bytes, marks[i - 1]!, marks[i]!, 0);
  return found;
}

test('portions are what was asked for, however the stream is cut', () => {
  const bytes = Buffer.from('abcd\nxyzefghijklmnopqrstuvwxyz\n', 'latin1');
  expect(taken(bytes, [])).toEqual(['ab', 'cd\n', 'ef', 'ghijk', 'op', 'qrstu', 'yz', '\n']);
  fc.assert(
    fc.property(fc.array(fc.nat(40), { maxLength: 12 }), (places) => {
      expect(taken(bytes, places)).toEqual(taken(bytes, []));
    }),
  );
});

test('some bytes are shown as they come, and none are kept', () => {
  const found: string[] = [];
  const side = new Portions(1);
  side.wantSome(6);
  const taker: PortionTaker = {
    portion(_direction, piece, start, end) {
      found.push(Buffer.from(piece.subarray(start, end)).toString('latin1'));
      side.wantSome(3);
    },
  };
  side.feed(taker, 0, Buffer.from('abcd'), 0, 4, 0);
  side.feed(taker, 0, Buffer.from('efghi'), 0, 5, 0);
  expect(found).toEqual(['abcd', 'efg', 'hi']);
  expect(side.next).toBe(5);
});

test('what asks for nothing more gets nothing more', () => {
  let count = 0;
  const side = new Portions(2);
  const taker: PortionTaker = {
    portion() {
      count++;
      side.stop();
    },
  };
  side.feed(taker, 0, Buffer.from('abcdef'), 0, 6, 0);
  side.feed(taker, 0, Buffer.from('abcdef'), 0, 6, 0);
  expect(count).toBe(1);
});

test('a gap is harmless only where bytes are passed over', () => {
  const side = new Portions(4);
  expect(side.gap(1)).toBe(false);
  side.skip = 10;
  expect(side.gap(4)).toBe(true);
  expect(side.skip).toBe(6);
  expect(side.gap(7)).toBe(false);
  side.stop();
  expect(side.gap(7)).toBe(true);
});

test('statements lose their secrets', () => {
  const hide = (text: string) => withoutSecrets(text, true);
  expect(hide("SELECT * FROM t WHERE a = 'b'")).toBe("SELECT * FROM t WHERE a = 'b'");
  expect(hide("ALTER USER 'bob'@'%' IDENTIFIED BY 'it''s'")).toBe("ALTER USER '***'@'***' IDENTIFIED BY '***'");
  expect(hide('INSERT INTO u (name, password) VALUES ("x", "a\\"b")')).toBe(
    "INSERT INTO u (name, password) VALUES ('***', '***')",
  );
  expect(hide("SET PASSWORD = 'cut o")).toBe("SET PASSWORD = '***'");
  expect(withoutSecrets('ALTER ROLE "me" PASSWORD $q$x$q$ VALID', false)).toBe('ALTER ROLE "me" PASSWORD \'***\' VALID');
});

test('a shorter portion that is asked for in the middle of a longer one begins anew', () => {
  // The other side spoke out of turn, in RFB: six bytes of a challenge were held when four of something else were asked for.
  const found: string[] = [];
  const side = new Portions(8);
  const taker: PortionTaker = {
    portion(_direction, piece, start, end) {
      found.push(Buffer.from(piece.subarray(start, end)).toString('latin1'));
    },
  };
  side.feed(taker, 0, Buffer.from('abcdef'), 0, 6, 0);
  side.want(4);
  side.feed(taker, 0, Buffer.from('ghijkl'), 0, 6, 0);
  expect(found).toEqual(['ghij']);
});
