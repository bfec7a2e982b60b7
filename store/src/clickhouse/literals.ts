/**
 * Values as constants in the text of a statement. chDB can bind values beside the text, but it then runs one statement at a time in the whole
 * process, whatever its session (a parameter that is bound for one would stand in the other), and each bound value costs a conversion when the
 * statement is analysed. So the values are written by this one function, in forms that hold nothing but digits, whatever the value.
 */

export type BoundType = 'String' | 'Float64' | 'UInt64' | 'Int64' | 'UInt32' | 'Array(String)' | 'Array(Float64)';
export type BoundValue = string | number | readonly string[] | readonly number[];

/** A value as an SQL constant of its type. Throws a fault for what is no value of the type, which the caller lets nobody bring in. */
export function literal(type: BoundType, value: BoundValue): string {
  if (type === 'Array(String)' || type === 'Array(Float64)') {
    if (!Array.isArray(value)) throw new Error(`A value of ${type} must be a list.`);
    // An empty list has no type of its own.
    if (value.length === 0) return `cast([], '${type}')`;
    const each = type === 'Array(String)' ? textLiteral : realLiteral;
    return `[${value.map(each).join(',')}]`;
  }
  if (Array.isArray(value)) throw new Error(`A value of ${type} must not be a list.`);
  if (type === 'String') return textLiteral(value);
  if (type === 'Float64') return realLiteral(value);
  const digits = String(value);
  if (!(type === 'Int64' ? /^-?\d{1,19}$/ : /^\d{1,20}$/).test(digits)) throw new Error(`A value of ${type} is a whole number.`);
  return `to${type}(${digits})`;
}

/** A text by its bytes: no sign in it can end it. */
function textLiteral(value: unknown): string {
  if (typeof value !== 'string') throw new Error('A value of String must be a text.');
  return `x'${Buffer.from(value, 'utf8').toString('hex')}'`;
}

/** A floating-point number that stays one: `5` alone would be a whole number. What JavaScript writes is read back as the same bits. */
function realLiteral(value: unknown): string {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof number !== 'number') throw new Error('A value of Float64 must be a number.');
  if (Number.isNaN(number)) return 'nan';
  if (!Number.isFinite(number)) return number > 0 ? 'inf' : '(-inf)';
  const text = String(number);
  const written = /[.e]/.test(text) ? text : `${text}.`;
  return number < 0 || Object.is(number, -0) ? `(${Object.is(number, -0) ? '-0.' : written})` : written;
}
