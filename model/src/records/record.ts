/**
 * What a record is. Each record type is declared once – columns with type, unit, class, meaning and source – and the
 * rest is derived from the declaration: the TypeScript type, the ClickHouse table, the JSON and TSV writers, the
 * completion of queries, and the reference page.
 *
 * Names are Zeek's: a network record of ours can be read by anything that reads Zeek's logs.
 */

/**
 * Zeek's types. In TypeScript, `time` and `interval` are seconds as numbers; `addr`, `string` and `enum` are
 * strings; `port`, `count`, `int` and `double` are numbers; `vector` is an array of strings or numbers.
 */
export type ColumnType =
  | 'time'
  | 'interval'
  | 'string'
  | 'addr'
  | 'enum'
  | 'port'
  | 'count'
  | 'int'
  | 'double'
  | 'bool'
  | 'vector[string]'
  | 'vector[count]'
  | 'vector[interval]';

/**
 * Who may see the value. `technical`: hosts, services, protocol elements. `personal`: accounts, mailboxes, subscriber
 * identities – a keyed pseudonym at the centre. `content`: what people said or sent (mail subjects, payloads, URI
 * queries) – reaches the centre only where a key link's policy names it. `secret`: passwords, tokens, keys – never
 * written anywhere.
 */
export type ColumnClass = 'technical' | 'personal' | 'content' | 'secret';

export type Column = {
  readonly type: ColumnType;
  readonly class: ColumnClass;
  /** One sentence for analysts. */
  readonly means: string;
  /** `s`, `bytes`, `packets`, …; absent for names. */
  readonly unit?: string;
  /**
   * What of a `content` value may stay when no policy names it: of a URI what comes before its query, of a file's path all but whose folder it
   * is in. Absent: nothing.
   */
  readonly kept?: 'uri-path' | 'file-path';
  /** Present in every record of the type; absent columns are simply missing from JSON and `-` in TSV. */
  readonly always?: true;
};

export type RecordType = {
  /** Zeek's log name: `conn`, `dns`, … */
  readonly log: string;
  /** One sentence. */
  readonly means: string;
  /** Where the schema is defined. */
  readonly source: string;
  readonly columns: { readonly [name: string]: Column };
  /** Its source has fields beyond the columns (`records/open.ts`): they are content, and stand under their own names in JSON. */
  readonly open?: true;
};

type ValueOf<T extends ColumnType> = T extends 'bool'
  ? boolean
  : T extends 'string' | 'addr' | 'enum'
    ? string
    : T extends 'vector[string]'
      ? readonly string[]
      : T extends 'vector[count]' | 'vector[interval]'
        ? readonly number[]
        : number;

type Always<C extends RecordType['columns']> = { [K in keyof C]: C[K] extends { always: true } ? K : never }[keyof C];

/** The TypeScript type of a record of this declaration. */
export type RecordOf<R extends RecordType> = { [K in Always<R['columns']>]: ValueOf<R['columns'][K]['type']> } & {
  [K in Exclude<keyof R['columns'], Always<R['columns']>>]?: ValueOf<R['columns'][K]['type']>;
};

/** A record of any type, as the verbs pass it on: its log name beside its values. */
export type AnyRecord = {
  readonly [name: string]: string | number | boolean | readonly string[] | readonly number[] | undefined;
};

/** The columns that every network record starts with. */
export const connectionColumns = {
  ts: { type: 'time', class: 'technical', unit: 's', always: true, means: 'When it was seen: the time of the first packet.' },
  uid: {
    type: 'string',
    class: 'technical',
    always: true,
    means: 'Name of the flow, unique in one reading; joins the logs of one flow.',
  },
  'id.orig_h': { type: 'addr', class: 'technical', always: true, means: 'Address of the originator.' },
  'id.orig_p': { type: 'port', class: 'technical', always: true, means: 'Port of the originator; the type, for ICMP.' },
  'id.resp_h': { type: 'addr', class: 'technical', always: true, means: 'Address of the responder.' },
  'id.resp_p': { type: 'port', class: 'technical', always: true, means: 'Port of the responder; the code, for ICMP.' },
} as const satisfies RecordType['columns'];
