/** What a person chose for this browser: columns, zone, language. Storage may be closed to us; then nothing is kept. */

import { useCallback, useState } from 'react';

export function recall<T>(name: string, otherwise: T): T {
  try {
    const text = localStorage.getItem(`forewarn.${name}`);
    return text === null ? otherwise : (JSON.parse(text) as T);
  } catch {
    return otherwise;
  }
}

export function keep(name: string, value: unknown): void {
  try {
    localStorage.setItem(`forewarn.${name}`, JSON.stringify(value));
  } catch {
    // Nothing to do: the choice holds until the page is closed.
  }
}

/** State that is remembered. `name` may change (the columns of another log); then that one's value is read. */
export function usePreference<T>(name: string, otherwise: T): [T, (value: T) => void] {
  const [state, setState] = useState<{ name: string; value: T }>(() => ({ name, value: recall(name, otherwise) }));
  const value = state.name === name ? state.value : recall(name, otherwise);
  const set = useCallback(
    (next: T) => {
      keep(name, next);
      setState({ name, value: next });
    },
    [name],
  );
  return [value, set];
}
