/**
 * Sigma's condition language (Sigma rules specification 2.1, "Condition"): names of searches joined by and, or, not and
 * parentheses, and `1 of` / `all of` a pattern or `them`. Binding, weakest first: or, and, not, of.
 */

/** What is wrong with a condition: the sentence goes into the refusal of the rule. */
export class ConditionError extends Error {
  /** Characters from the condition's start. */
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

export type Condition =
  | { kind: 'search'; name: string }
  | { kind: 'not'; of: Condition }
  | { kind: 'and' | 'or'; of: Condition[] };

/** Deepest nesting; the deepest public rule has 5. */
const depthMax = 40;

type Token = { text: string; at: number };

/** Reads a condition over the searches of a rule. Throws `ConditionError`. */
export function parseCondition(text: string, searches: readonly string[]): Condition {
  const tokens: Token[] = [];
  for (const match of text.matchAll(/[()|]|[^\s()|]+/g)) tokens.push({ text: match[0], at: match.index });
  let next = 0;
  let depth = 0;

  const word = (): string => tokens[next]?.text.toLowerCase() ?? '';
  const place = (): number => tokens[next]?.at ?? text.length;

  const many = (kind: 'and' | 'or', part: () => Condition): Condition => {
    const of = [part()];
    while (word() === kind) {
      next++;
      of.push(part());
    }
    return of.length === 1 ? of[0]! : { kind, of };
  };
  const either = (): Condition => many('or', both);
  const both = (): Condition => many('and', single);

  function single(): Condition {
    if (++depth > depthMax) throw new ConditionError(`the condition nests deeper than ${depthMax}`, place());
    try {
      const token = tokens[next];
      if (!token) throw new ConditionError('the condition ends where a search should stand', text.length);
      if (word() === 'not') {
        next++;
        return { kind: 'not', of: single() };
      }
      if (token.text === '(') {
        next++;
        const inner = either();
        if (word() !== ')') throw new ConditionError('a parenthesis is not closed', token.at);
        next++;
        return inner;
      }
      if (token.text === '|')
        throw new ConditionError('aggregations behind "|" are of the old Sigma and not supported; write a correlation', token.at);
      if (token.text === ')' || word() === 'and' || word() === 'or')
        throw new ConditionError(`"${token.text}" stands where a search should`, token.at);
      if (tokens[next + 1]?.text.toLowerCase() === 'of') return quantified(token);
      next++;
      if (!searches.includes(token.text)) throw new ConditionError(`there is no search named "${token.text}"`, token.at);
      return { kind: 'search', name: token.text };
    } finally {
      depth--;
    }
  }

  function quantified(token: Token): Condition {
    const quantity = token.text.toLowerCase();
    if (quantity !== '1' && quantity !== 'any' && quantity !== 'all') {
      throw new ConditionError(`"${token.text} of" is not supported; Sigma knows "1 of" and "all of"`, token.at);
    }
    next += 2;
    const target = tokens[next];
    if (!target || target.text === '(' || target.text === ')')
      throw new ConditionError('after "of" a pattern or "them" should stand', place());
    next++;
    const them = target.text.toLowerCase() === 'them';
    const names = searches.filter((name) => (them ? !name.startsWith('_') : matchesPattern(name, target.text)));
    if (names.length === 0) throw new ConditionError(`no search has a name like "${target.text}"`, target.at);
    const of = names.map((name): Condition => ({ kind: 'search', name }));
    return of.length === 1 ? of[0]! : { kind: quantity === 'all' ? 'and' : 'or', of };
  }

  const condition = either();
  const rest = tokens[next];
  if (rest) {
    throw new ConditionError(
      rest.text === '|'
        ? 'aggregations behind "|" are of the old Sigma and not supported; write a correlation'
        : `"${rest.text}" is not expected here`,
      rest.at,
    );
  }
  return condition;
}

function matchesPattern(name: string, pattern: string): boolean {
  const parts = pattern.split('*').map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`).test(name);
}
