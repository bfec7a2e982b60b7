/** A STIX pattern as it was written (STIX 2.1, OASIS Standard, 10 June 2021, section 9). */

export type Constant =
  | { readonly type: 'string' | 'hex' | 'binary' | 'timestamp'; readonly value: string }
  | { readonly type: 'integer' | 'float'; readonly value: number }
  | { readonly type: 'boolean'; readonly value: boolean };

/** `file:hashes.'SHA-256'`, `network-traffic:protocols[*]`. */
export type ObjectPath = {
  readonly object: string;
  /** Names of properties, and steps into lists: a number from 0, or `*` for any element. */
  readonly steps: readonly (string | { readonly index: number | '*' })[];
  readonly offset: number;
};

export type ComparisonOperator =
  | '='
  | '!='
  | '<'
  | '<='
  | '>'
  | '>='
  | 'IN'
  | 'LIKE'
  | 'MATCHES'
  | 'ISSUBSET'
  | 'ISSUPERSET'
  | 'EXISTS';

export type Comparison =
  | { readonly kind: 'and' | 'or'; readonly of: readonly [Comparison, Comparison] }
  | {
      readonly kind: 'test';
      readonly path: ObjectPath;
      readonly negated: boolean;
      readonly operator: ComparisonOperator;
      /** One, or those of a set; none for EXISTS. */
      readonly constants: readonly Constant[];
      readonly offset: number;
    };

export type Observation =
  | { readonly kind: 'observation'; readonly of: Comparison; readonly offset: number }
  | { readonly kind: 'and' | 'or' | 'followedby'; readonly of: readonly [Observation, Observation] }
  | { readonly kind: 'within'; readonly seconds: number; readonly of: Observation }
  | { readonly kind: 'repeats'; readonly times: number; readonly of: Observation }
  /** Seconds since 1970. */
  | { readonly kind: 'startstop'; readonly from: number; readonly to: number; readonly of: Observation };

/** `hashes.'SHA-256'` as the text that mappings name it by: names joined by dots, any index as `[*]`. */
export function pathText(path: ObjectPath): string {
  let text = '';
  for (const step of path.steps) text += typeof step === 'string' ? `${text === '' ? '' : '.'}${step}` : '[*]';
  return text;
}
