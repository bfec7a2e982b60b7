/** The ceilings of reading QUIC, with the reason for each number. */

/** Zeek's max_history_length. */
export const historyLettersMax = 100;

/** RFC 8446 §5.1: what a record of TLS may hold; a hello in QUIC could be longer, and none is. */
export const helloBytesMax = 16_640;

/** Before the length of the hello is known, pieces beyond this are not believed. */
export const earlyBytesMax = 4_096;

/** Separate ranges of one CRYPTO stream. */
export const rangesMax = 64;

/** Initial packets of one side that do not open. */
export const failuresMax = 4;

/** Initial packets of one side that are opened. */
export const openedMax = 64;

/** Records of one flow. */
export const recordsMax = 32;

/** RFC 9000 §17.2: longer connection ids do not occur in the versions that are read. */
export const idBytesMax = 20;

/** The ceilings of this parser, for the reference. */
export const limits = [
  { name: 'quic.historyLettersMax', value: historyLettersMax, unit: 'letters', why: "Zeek's max_history_length." },
  {
    name: 'quic.helloBytesMax',
    value: helloBytesMax,
    unit: 'bytes per hello',
    why: 'What a record of TLS may hold (RFC 8446 §5.2); the longest real hellos have some 2,000. Held only as far as it came.',
  },
  {
    name: 'quic.earlyBytesMax',
    value: earlyBytesMax,
    unit: 'bytes per side',
    why: 'Pieces that come before the first one, which tells the length, lie within twice the longest real hello.',
  },
  {
    name: 'quic.rangesMax',
    value: rangesMax,
    unit: 'ranges per side',
    why: 'Browsers shuffle a hello into some twenty frames; pieces that tear more holes than this are passed over.',
  },
  {
    name: 'quic.failuresMax',
    value: failuresMax,
    unit: 'packets per side',
    why: 'Initial packets that do not open: the first one was lost, or it is no QUIC. Then nobody pays for trying any more.',
  },
  {
    name: 'quic.openedMax',
    value: openedMax,
    unit: 'packets per side',
    why: 'A hello takes up to four packets, and some more acknowledge; whoever sends this many has none to show.',
  },
  {
    name: 'quic.recordsMax',
    value: recordsMax,
    unit: 'records per flow',
    why: 'A retry or a change of version makes two; more than this only somebody who wants to fill the disk.',
  },
  { name: 'quic.idBytesMax', value: idBytesMax, unit: 'bytes', why: 'RFC 9000 §17.2 allows no longer connection id.' },
] as const;
