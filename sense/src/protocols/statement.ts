/**
 * Statements of databases without the secrets in them. A statement that speaks of passwords, tokens or keys loses all
 * its literals: which of them is the secret only the database knows.
 */

/** Words beside which a literal may be a secret: accounts (IDENTIFIED BY, PASSWORD), columns of that name, encryption functions. */
const telling = /passw|passphrase|identified|pwd|secret|token|crypt|api_?key|credential|private_?key/i;

const hidden = "'***'";

/**
 * Replaces every literal of a telling statement by `'***'`. With `doubleQuoted`, text in double quotes is a literal too
 * (MySQL); else it is a name. Dollar quotes (PostgreSQL) are literals always. A literal that is not closed – the
 * statement may be cut – is hidden to the end.
 */
export function withoutSecrets(statement: string, doubleQuoted: boolean): string {
  if (!telling.test(statement)) return statement;
  let text = '';
  let from = 0;
  for (let at = 0; at < statement.length;) {
    const end = literalEnd(statement, at, doubleQuoted);
    if (end === at) {
      at++;
      continue;
    }
    text += statement.slice(from, at) + hidden;
    at = end;
    from = end;
  }
  return text + statement.slice(from);
}

/** The place behind the literal that begins at `at`, or `at` where none begins. */
function literalEnd(text: string, at: number, doubleQuoted: boolean): number {
  const first = text[at];
  if (first === "'" || (first === '"' && doubleQuoted)) {
    for (let i = at + 1; i < text.length; i++) {
      if (text[i] === '\\') i++;
      else if (text[i] === first) {
        if (text[i + 1] !== first) return i + 1;
        i++;
      }
    }
    return text.length;
  }
  if (first !== '$') return at;
  const tag = /^\$[A-Za-z_]*\$/.exec(text.slice(at, at + 66))?.[0];
  if (tag === undefined) return at;
  const close = text.indexOf(tag, at + tag.length);
  return close < 0 ? text.length : close + tag.length;
}
