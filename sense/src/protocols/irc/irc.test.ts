import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Arrival, ascii, cut, flowOf, hex, run } from '../trial.ts';
import { irc } from './irc.ts';

const flow = flowOf('tcp', 6667);
const to = (text: string): Arrival => ({ direction: 0, ts: 1, bytes: ascii(text) });

describe('probe', () => {
  const ask = (text: string, direction: 0 | 1 = 0) => irc.probe(ascii(text), 0, text.length, direction, false);
  test('clients', () => {
    expect(ask('NICK guest\r\n')).toBe('yes');
    expect(ask('CAP LS 302\r\n')).toBe('yes');
    expect(ask('STARTTLS\r\n')).toBe('yes');
    expect(ask('USER guest +iw x :Real Name\r\n')).toBe('yes');
    expect(ask('PASS x\r\nNICK guest\r\n')).toBe('yes');
    expect(ask('PASS x\r\n')).toBe('more');
    expect(ask('NI')).toBe('more');
    expect(ask('STARTT')).toBe('more');
  });
  test('servers', () => {
    expect(ask(':irc.example.net NOTICE * :*** Looking up\r\n', 1)).toBe('yes');
    expect(ask(':irc.example.net 020 * :Please wait\r\n', 1)).toBe('yes');
    expect(ask('NOTICE AUTH :*** Checking\r\n', 1)).toBe('yes');
    expect(ask(':irc.exa', 1)).toBe('more');
  });
  test('FTP, POP3 and others are not IRC', () => {
    expect(ask('USER anonymous\r\n')).toBe('no');
    expect(ask('PASS secret\r\nSTAT\r\n')).toBe('no');
    expect(ask('CAPA\r\n')).toBe('no');
    expect(ask('STARTTLS foo')).toBe('no');
    expect(ask('220 hello\r\n', 1)).toBe('no');
    expect(ask(':) hello there', 1)).toBe('no');
    expect(ask('NICK \u0001\u0002')).toBe('no');
  });
});

test('STARTTLS leads into TLS', () => {
  const bytes = Buffer.concat([ascii(':s.example NOTICE * :hi\r\n:s.example 670 * :STARTTLS successful\r\n'), hex('1603')]);
  fc.assert(
    fc.property(fc.array(fc.nat(80), { maxLength: 6 }), (places) => {
      const outcome = run(irc, flow, [to('STARTTLS\r\n'), ...cut({ direction: 1, ts: 1, bytes }, places)]);
      expect(outcome.gaveWay?.service).toBe('ssl');
      expect(Buffer.from(outcome.gaveWay!.rest).toString('hex')).toBe('1603'.slice(0, outcome.gaveWay!.rest.length * 2));
    }),
  );
});

test('nothing is read behind the welcome, and nothing is written', () => {
  const outcome = run(irc, flow, [
    to('NICK a\r\n'),
    { direction: 1, ts: 1, bytes: ascii(':s 001 a :Welcome\r\n:s 670 a :late\r\n') },
  ]);
  expect(outcome).toMatchObject({ services: ['irc'], records: [], weirds: [] });
  expect(outcome.gaveWay).toBeUndefined();
});
